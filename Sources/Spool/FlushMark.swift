// How the daemon knows, after a power cut, what had been on disk. After a crash of the daemon alone the kernel still has all that
// was written; after a power cut, or any other end of the machine, a record may speak of files whose content never came to the
// disk. So each flush that results wait for leaves its number here before they become visible, and each record of a final
// status says which flush is to cover it: covered, the result is whole, and may have been seen; not covered, nobody saw it.

internal import Glibc
internal import Linux
internal import Synchronization
public import SystemPackage

/// `state/flushed`: the last flush that is known to have ended, and in which boot of the machine.
public struct FlushMark: Sendable, Hashable {
    public var bootID: String
    public var flushes: Int64

    public init(bootID: String, flushes: Int64) {
        self.bootID = bootID
        self.flushes = flushes
    }

    /// Always as long: it is written over what was there, and neither the file's size nor its place on disk ever changes.
    private static let length = 64

    var bytes: [UInt8] {
        let text = Array("\(flushes) \(bootID)".utf8.prefix(Self.length - 1))
        return text + [UInt8](repeating: 0x20, count: Self.length - 1 - text.count) + [0x0A]
    }

    init?(bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard let first = words.first, let flushes = Int64(first), words.count <= 2 else { return nil }
        self.init(bootID: words.count == 2 ? String(words[1]) : "", flushes: flushes)
    }
}

/// The file of the mark, made when it is first written: a daemon starts on a full disk, too.
public final class FlushMarkFile: Sendable {
    private let state: Directory
    private let opened = Mutex<SharedDescriptor?>(nil)

    init(in state: Directory) { self.state = state }

    /// Writes it over the one before; on disk when it returns.
    public func write(_ mark: FlushMark) throws(Errno) {
        let file = try open()
        try writeAll(file.rawValue, mark.bytes, at: 0)
        try flushContent(of: file.rawValue)
    }

    private func open() throws(Errno) -> SharedDescriptor {
        if let known = opened.withLock({ $0 }) { return known }
        let file = SharedDescriptor(try state.open(SpoolLayout.flushed, O_WRONLY | O_CREAT, mode: 0o600))
        opened.withLock { $0 = file }
        return file
    }
}

extension Spool {
    /// nil if no daemon has left one yet.
    public func flushMark() throws(Errno) -> FlushMark? {
        do {
            return FlushMark(bytes: try state.read(SpoolLayout.flushed, limit: 4096))
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    public func flushMarkFile() -> FlushMarkFile { FlushMarkFile(in: state) }
}
