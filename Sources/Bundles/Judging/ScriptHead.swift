internal import Linux
internal import SystemPackage

/// The beginning of a file and its mode: enough to tell how it is run.
struct ScriptHead {
    let bytes: [UInt8]
    let isExecutable: Bool

    /// As far as interpreters and inline metadata are looked for.
    private static let size = 65536

    /// - Parameter descriptor: a regular file.
    init(_ descriptor: Int32, status: FileStatus) throws(Errno) {
        isExecutable = status.permissions & 0o111 != 0
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(Self.size, Int(clamping: max(status.size, 1))))
        while bytes.count < Self.size {
            let length: Int
            do {
                length = try buffer.withUnsafeMutableBytes { try FileDescriptor(rawValue: descriptor).read(into: $0) }
            } catch let error as Errno {
                throw error
            } catch {
                throw .ioError
            }
            if length == 0 { break }
            bytes += buffer[..<length]
        }
        self.bytes = bytes
    }

    /// The words of the `#!` line; nil without one.
    var interpreter: [String]? {
        guard bytes.starts(with: [0x23, 0x21]) else { return nil }
        let line = bytes.dropFirst(2).prefix { $0 != 0x0A }
        return line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { String(decoding: $0, as: UTF8.self) }
    }
}
