internal import Archives
internal import Glibc
internal import Linux
internal import SystemPackage
internal import Testing
internal import Trees

/// A directory of a test's own, gone with it.
final class ArchiveScratch {
    let path: String
    let directory: Directory

    init() throws {
        var template = Array("/tmp/bobbin-archives-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        directory = try Directory(path: path)
        chmod(path, 0o755)
    }

    deinit {
        try? TreeRemove.remove(EntryName(String(path.dropFirst(5))), in: Directory(path: "/tmp"))
    }

    /// Runs a shell script in it, with umask 022.
    func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let status = system("cd '\(path)' && umask 022 && { \(script)\n}")
        #expect(status == 0, "\(script)", sourceLocation: sourceLocation)
    }

    /// Unpacks `archive` into a new directory `out`.
    func unpack(
        _ format: ArchiveFormat, bytes: Int64 = 1 << 20, entries: Int = 1000, archive: EntryName = "archive"
    ) throws -> TreeReport {
        let file = try directory.open(archive, O_RDONLY)
        sh("rm -rf out; mkdir out")
        return try Unpacker.unpack(
            archive: file.rawValue, format: format, into: directory.directory("out"),
            limits: TreeLimits(bytes: bytes, entries: entries))
    }

    /// What `find` says of a tree: kind, mode and path of each entry, sorted.
    func listing(_ name: String) throws -> [String] {
        sh("find \(name) -mindepth 1 -printf '%y %m %P\\n' | LC_ALL=C sort > .listing")
        let bytes = try directory.read(".listing", limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func content(_ path: String) throws -> String {
        sh("cat \(path) > .content")
        return String(decoding: try directory.read(".content", limit: 1 << 20), as: UTF8.self)
    }
}
