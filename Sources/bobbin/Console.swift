import Glibc
import Linux
import Presentation
import SystemPackage

/// Standard output and standard error.
enum Console {
    static let outputIsTerminal = isatty(1) == 1
    static let errorIsTerminal = isatty(2) == 1
    static let inputIsTerminal = isatty(0) == 1

    /// no-color.org: any value but an empty one.
    private static let colourIsWanted = environment("NO_COLOR", or: "").isEmpty && environment("TERM", or: "") != "dumb"
    static let outputIsTinted = outputIsTerminal && colourIsWanted

    /// Columns of the terminal that standard output or standard error is; nil if it is none.
    static func width(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// One line of the answer.
    static func print(_ line: String) { Swift.print(line) }

    static func print(_ table: Table) {
        for line in table.lines(width: width(of: 1), tinted: outputIsTinted) { print(line) }
    }

    static func tinted(_ text: String, _ tint: Tint) -> String { outputIsTinted ? tint.around(text) : text }

    /// One line beside the answer.
    static func note(_ line: String) {
        // Nobody is left to be told that standard error is gone.
        try? writeAll(2, Array("bobbin: \(line)\n".utf8))
    }

    /// Something on the terminal that is no line, as the live line.
    static func show(_ text: String) { try? writeAll(2, Array(text.utf8)) }

    /// Bytes of the answer as they are.
    static func write(_ bytes: [UInt8]) throws(Failure) {
        try flush()
        do { try writeAll(1, bytes) } catch { throw Failure(.internal, "cannot write standard output: \(error)") }
    }

    static func flush() throws(Failure) {
        if fflush(nil) != 0 {
            throw Failure(.internal, "cannot write standard output: \(Errno(rawValue: errno))")
        }
    }

    static func environment(_ name: String, or absent: String) -> String {
        guard let value = getenv(name) else { return absent }
        return String(cString: value)
    }
}
