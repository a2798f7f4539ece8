internal import Archives
internal import Glibc
internal import Linux
internal import SystemPackage
internal import TestSupport
internal import Testing
internal import Trees

extension Scratch {
    /// Runs a shell script in it, with umask 022.
    func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(run(script) == 0, "\(script)", sourceLocation: sourceLocation)
    }

    /// Unpacks `archive` into a new directory `out`.
    func unpack(
        _ format: ArchiveFormat, bytes: Int64 = 1 << 20, entries: Int = 1000, archive: EntryName = "archive"
    ) throws -> TreeReport {
        let file = try root.open(archive, O_RDONLY)
        sh("rm -rf out; mkdir out")
        return try Unpacker.unpack(
            archive: file.rawValue, format: format, into: root.directory("out"),
            limits: TreeLimits(bytes: bytes, entries: entries))
    }

    /// What `find` says of a tree: kind, mode and path of each entry, sorted.
    func listing(_ name: String) throws -> [String] {
        sh("find \(name) -mindepth 1 -printf '%y %m %P\\n' | LC_ALL=C sort > .listing")
        let bytes = try root.read(".listing", limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func content(_ path: String) throws -> String {
        sh("cat \(path) > .content")
        return String(decoding: try root.read(".content", limit: 1 << 20), as: UTF8.self)
    }
}
