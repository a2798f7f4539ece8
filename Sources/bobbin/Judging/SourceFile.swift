import Glibc
import Linux
import SystemPackage

/// A file or directory that a caller named by its path.
struct SourceFile {
    /// As the caller wrote it.
    let path: String
    /// What it would be dropped as.
    let name: EntryName
    let parent: Directory
    /// Its name in `parent`, all links resolved: the caller's own links are followed.
    let entry: EntryName
    let status: FileStatus

    init(_ path: String) throws(Failure) {
        self.path = path
        guard let resolved = realpath(path, nil) else {
            throw Failure(.notFound, "cannot find '\(escaped(path.utf8))': \(Errno(rawValue: errno))")
        }
        defer { free(resolved) }
        let bytes = Array(String(cString: resolved).utf8)
        guard let slash = bytes.lastIndex(of: 0x2F), slash + 1 < bytes.count else {
            throw Failure(.badData, "'\(escaped(path.utf8))' is no bundle")
        }
        entry = EntryName(bytes: Array(bytes[(slash + 1)...]))
        let written = path.utf8.split(separator: 0x2F).last.map { EntryName(bytes: Array($0)) }
        name = written.flatMap { $0.isSafe ? $0 : nil } ?? entry
        do {
            parent = try Directory(path: slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self))
            status = try parent.status(of: entry)
        } catch {
            throw Failure(.notFound, "cannot look at '\(escaped(path.utf8))': \(error)")
        }
        if status.kind != .regular && status.kind != .directory {
            throw Failure(
                .badData, "'\(escaped(path.utf8))' is a \(status.kind.word), and a bundle is a directory or a file")
        }
    }
}
