internal import Glibc
internal import Linux
internal import SystemPackage
internal import Trees

/// One archive on its way out: what its entries say is checked against what has been made so far.
///
/// Nobody but this program writes below `target`, so `made` says what is there; still no name is opened through a link.
struct Unpacking {
    private enum Made: Equatable {
        case file, link
        /// A directory, and whether the archive had an entry for it: one that it only implied may still come.
        case directory(hasEntry: Bool)
    }

    private(set) var report = TreeReport()
    private let target: UnpackTarget
    private let limits: TreeLimits
    private var made: [ArchivePath: Made] = [:]
    /// Links that lead to the root or through it: if there is one top directory, they leave that.
    private var linksToRoot: [ArchivePath] = []
    private var isOver = false

    init(target: Directory, limits: TreeLimits) {
        self.target = UnpackTarget(root: target)
        self.limits = limits
    }

    /// Throws what is not the archive's fault, as Errno.
    mutating func run(archive: Int32, format: ArchiveFormat) throws {
        // An empty file is no archive to libarchive, but it is what its sender sent.
        if try FileStatus.of(descriptor: archive).size == 0 {
            return refuse(.empty, path: [], "the archive is an empty file")
        }
        do {
            let reader = try ArchiveReader(descriptor: archive, format: format, limit: streamLimit)
            while !isOver, let entry = try reader.next() {
                try take(entry, from: reader)
                // What an entry should not have, a directory's data, is passed over before the next.
                if !isOver { try reader.skip() }
            }
        } catch let failure as ArchiveFailure {
            report.note(failure.problem(limit: limits.bytes))
        }
        if report.isClean, made.isEmpty { refuse(.empty, path: [], "the archive holds nothing") }
        if report.isClean { try liftTopDirectory() }
    }

    /// All that may come out of a compressed file: headers and padding come on top of the bytes that are counted.
    private var streamLimit: Int64 {
        let headers = Int64(limits.entries).multipliedReportingOverflow(by: 4096)
        let slack = headers.overflow ? Int64.max / 4 : min(headers.partialValue, Int64.max / 4)
        return min(limits.bytes, Int64.max / 4) + slack + 64 << 20
    }

    // MARK: One entry

    private mutating func take(_ entry: ArchiveEntry, from reader: ArchiveReader) throws {
        guard let bytes = entry.path else { return refuse(.badName, path: [], "an entry's name is not text") }
        if entry.isEncrypted { throw ArchiveFailure.encrypted }
        let path: ArchivePath
        do {
            path = try ArchivePath(bytes)
        } catch {
            return refuse(.badName, entry.kind, path: bytes, error.text)
        }
        // `./` is the root itself; a file cannot be.
        if path.names.isEmpty {
            if entry.kind != .directory { refuse(.badName, entry.kind, path: bytes, "has no name") }
            return
        }
        let directories = entry.kind == .directory ? path.names.count : path.names.count - 1
        if directories >= limits.depth {
            return refuse(.tooDeep, entry.kind, path: bytes, "is more than \(limits.depth) directories deep")
        }
        guard try makeParents(of: path) else { return }
        if entry.kind == .directory, made[path] == .directory(hasEntry: false) {
            made[path] = .directory(hasEntry: true)
            return
        }
        if made[path] != nil {
            return refuse(.repeatedName, entry.kind, path: bytes, "is in the archive more than once")
        }
        guard count(path) else { return }
        if let original = entry.hardLink { return try takeHardLink(path, to: original) }
        switch entry.kind {
        case .regular: try takeFile(path, entry, from: reader)
        case .directory:
            made[path] = .directory(hasEntry: true)
            if report.isClean { try target.makeDirectory(path) }
        case .link: try takeLink(path, to: entry.linkTarget ?? [])
        case .fifo, .socket, .characterDevice, .blockDevice, .unknown:
            refuse(.specialFile, entry.kind, path: bytes, "is a \(entry.kind.word); only files may be sent")
        }
    }

    /// Makes the directories above an entry that the archive has not named yet; false if something else is in their place.
    private mutating func makeParents(of path: ArchivePath) throws -> Bool {
        for length in 1..<max(path.names.count, 1) {
            let parent = ArchivePath(names: Array(path.names[..<length]))
            switch made[parent] {
            case .directory: continue
            case .file, .link:
                refuse(.badName, path: path.bytes, "lies below \(escaped(parent.bytes)), which is not a directory")
                return false
            case nil:
                guard count(parent) else { return false }
                made[parent] = .directory(hasEntry: false)
                if report.isClean { try target.makeDirectory(parent) }
            }
        }
        return true
    }

    private mutating func takeFile(_ path: ArchivePath, _ entry: ArchiveEntry, from reader: ArchiveReader) throws {
        made[path] = .file
        let file = report.isClean ? try target.makeFile(path) : nil
        let room = limits.bytes - report.bytes
        var end: Int64 = 0
        try reader.forEachBlock { offset, bytes in
            let (stop, overflow) = offset.addingReportingOverflow(Int64(bytes.count))
            if overflow || offset < 0 || stop > room { throw ArchiveFailure.large }
            if let file { try writeAll(file.rawValue, bytes, at: offset) }
            end = max(end, stop)
        }
        // A sparse file may end in a hole. An archive that has less than it says has been refused by the reader.
        if let size = entry.size, size > end {
            if size > room { throw ArchiveFailure.large }
            end = size
        }
        report.bytes += end
        guard let file else { return }
        try setSize(of: file.rawValue, to: end)
        try changeMode(of: file.rawValue, to: entry.isExecutable ? 0o755 : 0o644)
    }

    private mutating func takeLink(_ path: ArchivePath, to destination: [UInt8]) throws {
        made[path] = .link
        let depth = path.names.count - 1
        guard let climbs = leadingClimbs(ofLinkTo: destination), climbs <= depth else {
            let text = "is a link to \(escaped(destination)), which may leave the bundle"
            return refuse(.linkLeaves, .link, path: path.bytes, text)
        }
        if depth > 0, climbs == depth { linksToRoot.append(path) }
        if report.isClean { try target.makeLink(path, to: destination) }
    }

    private mutating func takeHardLink(_ path: ArchivePath, to original: [UInt8]) throws {
        made[path] = .file
        guard let source = try? ArchivePath(original), made[source] == .file, source != path else {
            let text = "is a hard link to \(escaped(original)), which is no file earlier in the archive"
            return refuse(.linkLeaves, .regular, path: path.bytes, text)
        }
        guard report.isClean else { return }
        let room = limits.bytes - report.bytes
        guard let copied = try target.copyFile(source, to: path, limit: room) else { throw ArchiveFailure.large }
        report.bytes += copied
    }

    // MARK: The end

    /// If there is one top directory and nothing else, its content becomes the root's.
    private mutating func liftTopDirectory() throws {
        let top = made.filter { $0.key.names.count == 1 }
        guard top.count == 1, let (path, kind) = top.first, case .directory = kind, let name = path.names.first else {
            return
        }
        for link in linksToRoot.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            let text = "is a link that leaves the archive's only top directory, which is the bundle"
            refuse(.linkLeaves, .link, path: link.bytes, text)
        }
        report.entries -= 1
        guard report.isClean else { return }
        try target.lift(name, children: made.keys.compactMap { $0.names.count == 2 ? $0.names.last : nil })
    }

    // MARK: Counting and refusing

    private mutating func count(_ path: ArchivePath) -> Bool {
        if report.entries >= limits.entries {
            isOver = true
            refuse(
                .tooManyEntries, .directory, path: [], "holds more than \(limits.entries) files, directories and links")
            return false
        }
        report.entries += 1
        return true
    }

    private mutating func refuse(_ code: TreeProblem.Code, _ kind: FileKind = .unknown, path: [UInt8], _ detail: String)
    {
        report.note(TreeProblem(code, kind: kind, path: path, detail: detail))
    }
}
