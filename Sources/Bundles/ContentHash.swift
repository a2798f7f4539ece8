internal import Crypto
internal import Glibc
public import Linux
public import SystemPackage

/// `bundle_sha256`: what identifies the content of a drop.
///
/// Of a script or archive it is what `sha256sum` says of the file. Of a directory it is the SHA-256 of these lines, sorted by
/// their bytes, one for each entry below the root, the root itself not among them:
///
///     TYPE EXEC SHA256 PATH\n
///
/// - `TYPE`: `f` a regular file, `d` a directory, `l` a link;
/// - `EXEC`: `x` for a file that any of its mode's three x bits makes executable, else `-`;
/// - `SHA256`: 64 lower-case hexadecimal digits, of a file's content, of the bytes a link holds; `-` for a directory;
/// - `PATH`: its bytes, relative to the root, parts joined by `/`. A backslash in it is written `\\` and a newline `\n`,
///   as `sha256sum` does, so that no name can pose as another line.
///
/// Between the fields is one space. Owners, times and the other bits of the mode do not count.
public enum ContentHash {
    /// Of a regular file, from where its descriptor stands to its end.
    public static func ofFile(_ descriptor: Int32) throws(Errno) -> String {
        let file = FileDescriptor(rawValue: descriptor)
        var hash = SHA256()
        // A script is small: it need not pay for a large buffer.
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let length: Int
            do {
                length = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            } catch let error as Errno {
                throw error
            } catch {
                throw .ioError
            }
            if length == 0 { return hexadecimal(hash.finalize()) }
            hash.update(data: buffer[..<length])
            if length == buffer.count, length < 65536 { buffer = [UInt8](repeating: 0, count: 65536) }
        }
    }

    /// Of a directory that nobody changes meanwhile. EINVAL if something else than files, directories and links is in it,
    /// ENAMETOOLONG if it is deeper than a path can say.
    ///
    /// One directory is open at a time, reached from the root without following links: neither the stack nor the table of
    /// descriptors grows with the depth.
    public static func ofTree(_ root: Directory) throws(Errno) -> String {
        var lines: [[UInt8]] = []
        var waiting: [[UInt8]] = [[]]
        while let path = waiting.popLast() {
            let directory = path.isEmpty ? root : try root.directory(beneath: path)
            try directory.forEachEntry { entry throws(Errno) in
                let below = path.isEmpty ? entry.name.bytes : path + [0x2F] + entry.name.bytes
                if below.count >= 4096 { throw .fileNameTooLong }
                let status = try directory.status(of: entry.name)
                switch status.kind {
                case .directory:
                    lines.append(line("d", "-", "-", below))
                    waiting.append(below)
                case .link:
                    lines.append(line("l", "-", of(try directory.target(ofLink: entry.name)), below))
                case .regular:
                    let file = try directory.open(entry.name, O_RDONLY)
                    // What was opened counts, should it have been replaced since.
                    let opened = try FileStatus.of(descriptor: file.rawValue)
                    if opened.kind != .regular { throw .invalidArgument }
                    let isExecutable = opened.permissions & 0o111 != 0
                    lines.append(line("f", isExecutable ? "x" : "-", try ofFile(file.rawValue), below))
                default: throw .invalidArgument
                }
                return true
            }
        }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        var hash = SHA256()
        for line in lines { hash.update(data: line) }
        return hexadecimal(hash.finalize())
    }

    /// Of bytes in memory.
    public static func of(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    private static func line(_ type: String, _ exec: String, _ hash: String, _ path: [UInt8]) -> [UInt8] {
        var line = Array("\(type) \(exec) \(hash) ".utf8)
        for byte in path {
            switch byte {
            case 0x5C: line += [0x5C, 0x5C]
            case 0x0A: line += [0x5C, 0x6E]
            default: line.append(byte)
            }
        }
        line.append(0x0A)
        return line
    }

    private static func hexadecimal(_ digest: SHA256Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
