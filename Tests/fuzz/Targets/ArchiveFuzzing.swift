internal import Archives
internal import Glibc
internal import Linux
internal import SystemPackage
internal import Trees

/// The bytes are an archive that is unpacked into a directory, by the name that their beginning asks for.
///
/// What came out is walked again: it must be what the report says, and nothing beside it may have changed.
struct ArchiveFuzzing: FuzzedReader {
    private let directory: Directory
    private let neighbour: FileStatus
    private static let limits = TreeLimits(bytes: 1 << 20, entries: 200, depth: 16)

    init(in directory: Directory) throws {
        self.directory = directory
        try directory.create("neighbour", with: "untouched".utf8, mode: 0o666)
        neighbour = try directory.status(of: "neighbour")
    }

    func read(_ bytes: [UInt8]) throws -> Bool {
        let archive = try SealedMemory.make(bytes, name: "archive")
        // Where writing has left it is the end.
        lseek(archive.rawValue, 0, SEEK_SET)
        try directory.makeDirectory("tree")
        let tree = try directory.directory("tree")
        let report = try Unpacker.unpack(
            archive: archive.rawValue, format: Self.format(of: bytes), into: tree, limits: Self.limits)
        try checkReport(report)
        var found = Found()
        try walk(tree, depth: 0, &found)
        if report.isClean {
            try hold(found.entries == report.entries, "\(found.entries) entries, reported \(report.entries)")
            try hold(found.bytes == report.bytes, "\(found.bytes) bytes, reported \(report.bytes)")
        }
        // What was refused is not all there, and still within the limits.
        try hold(found.entries <= Self.limits.entries + 1, "\(found.entries) entries")
        try hold(found.bytes <= Self.limits.bytes, "\(found.bytes) bytes")
        try hold(try Set(directory.entries().map(\.name)) == ["neighbour", "tree"], "something lies beside the tree")
        try hold(try directory.status(of: "neighbour") == neighbour, "its neighbour was changed")
        try TreeRemove.remove("tree", in: directory)
        return report.isClean
    }

    private static func format(of bytes: [UInt8]) -> ArchiveFormat {
        let magic: [(ArchiveFormat, [UInt8])] = [
            (.zip, [0x50, 0x4B]), (.tarGzip, [0x1F, 0x8B]), (.tarZstandard, [0x28, 0xB5, 0x2F, 0xFD]),
            (.tarXZ, [0xFD, 0x37, 0x7A, 0x58, 0x5A]), (.tarBzip2, Array("BZh".utf8)),
        ]
        return magic.first { bytes.starts(with: $0.1) }?.0 ?? .tar
    }

    private func checkReport(_ report: TreeReport) throws {
        try hold(report.entries >= 0 && report.bytes >= 0, "\(report)")
        try hold(report.isClean == report.problems.isEmpty, "\(report)")
        // The daemon reads it from a pipe.
        let text = report.text
        try hold(TreeReport(text: Array(text.utf8))?.text == text, "the daemon would not read this report: \(text)")
    }

    private struct Found {
        var entries = 0
        var bytes: Int64 = 0
    }

    private func walk(_ directory: Directory, depth: Int, _ found: inout Found) throws {
        for entry in try directory.entries() {
            let name = entry.name
            let status = try directory.status(of: name)
            found.entries += 1
            try hold(status.permissions & 0o7000 == 0, "\(name) has mode \(String(status.permissions, radix: 8))")
            switch status.kind {
            case .regular:
                found.bytes += status.size
                try hold(status.links == 1, "\(name) has \(status.links) names")
            case .directory: try walk(directory.directory(name), depth: depth + 1, &found)
            case .link:
                let target = try directory.target(ofLink: name)
                try hold(climbs(target) <= depth, "\(name) leads out, to \(escaped(target))")
            default: try hold(false, "\(name) is a \(status.kind.word)")
            }
        }
    }

    /// How far a link may lead upwards at most, whatever its target's names are: each `..` counts wherever it stands.
    private func climbs(_ target: [UInt8]) -> Int {
        if target.first == 0x2F || target.isEmpty { return .max }
        return target.split(separator: 0x2F).filter { $0.elementsEqual("..".utf8) }.count
    }
}
