internal import Glibc
internal import Linux
internal import SystemPackage

/// One copy under way. A level holds two descriptors, and a third for a moment; `TreeLimits.depth` bounds the levels.
struct TreeCopier {
    private(set) var report = TreeReport()
    private let owner: OwnerSet?
    private let limits: TreeLimits
    private let newOwner: Ownership?
    /// A limit was reached: nothing more is worth a look.
    private var isOver = false

    init(owner: OwnerSet?, limits: TreeLimits, newOwner: Ownership?) {
        self.owner = owner
        self.limits = limits
        self.newOwner = newOwner
    }

    mutating func copyEntries(of source: Directory, into target: Directory?, path: [UInt8], depth: Int) throws(Errno) {
        for name in try names(of: source, path: path) {
            if isOver { return }
            try copy(name, of: source, into: target, path: joined(path, name), depth: depth)
        }
    }

    mutating func copyOnlyFile(
        _ name: EntryName, of source: Directory, as newName: EntryName, into target: Directory
    ) throws(Errno) {
        let entry: TreeEntry
        do { entry = try TreeEntry(name, in: source) } catch { return try refuseUnread(error, path: name.bytes) }
        guard isOwned(entry.status, path: name.bytes) else { return }
        guard entry.status.kind == .regular else {
            return refuse(.specialFile, entry.status.kind, name.bytes, "is a \(entry.status.kind.word), not a file")
        }
        report.entries += 1
        try copyFile(entry, of: source, as: newName, into: target, path: name.bytes)
    }

    /// The names in a directory, sorted, so that the same tree gives the same report; never more than may still be taken.
    private mutating func names(of source: Directory, path: [UInt8]) throws(Errno) -> [EntryName] {
        var names: [EntryName] = []
        let room = limits.entries - report.entries
        do {
            try source.forEachEntry { entry throws(Errno) in
                names.append(entry.name)
                return names.count <= room
            }
        } catch {
            try refuseUnread(error, path: path)
            return []
        }
        if names.count > room {
            isOver = true
            refuse(.tooManyEntries, .directory, [], "holds more than \(limits.entries) files, directories and links")
            return []
        }
        return names.sorted()
    }

    private mutating func copy(
        _ name: EntryName, of source: Directory, into target: Directory?, path: [UInt8], depth: Int
    ) throws(Errno) {
        // Counted one by one: the names of one listing fit, but those below the earlier of them may have used up the room.
        if report.entries >= limits.entries {
            isOver = true
            return refuse(
                .tooManyEntries, .directory, [], "holds more than \(limits.entries) files, directories and links")
        }
        report.entries += 1
        guard name.isSafe else { return refuse(.badName, .unknown, path, "has a name that cannot be kept") }
        let entry: TreeEntry
        do { entry = try TreeEntry(name, in: source) } catch { return try refuseUnread(error, path: path) }
        guard isOwned(entry.status, path: path) else { return }
        switch entry.status.kind {
        case .regular:
            try copyFile(entry, of: source, as: name, into: target, path: path)
        case .directory:
            try copyDirectory(entry, into: target, path: path, depth: depth + 1)
        case .link:
            try copyLink(entry, of: source, into: target, path: path, depth: depth)
        case .fifo, .socket, .characterDevice, .blockDevice, .unknown:
            refuse(.specialFile, entry.status.kind, path, "is a \(entry.status.kind.word); only files may be sent")
        }
    }

    // MARK: One entry

    private mutating func copyDirectory(
        _ entry: borrowing TreeEntry, into target: Directory?, path: [UInt8], depth: Int
    ) throws(Errno) {
        if depth >= limits.depth {
            return refuse(.tooDeep, .directory, path, "is more than \(limits.depth) directories deep")
        }
        let source: Directory
        do { source = try entry.directory() } catch { return try refuseUnread(error, path: path) }
        var copy: Directory?
        if let target, report.isClean {
            try target.makeDirectory(entry.name, mode: 0o700)
            let made = try target.directory(entry.name)
            if let newOwner { try made.changeOwner(to: newOwner.owner, group: newOwner.group) }
            try made.changeMode(to: TreeModes.bundle.permissions(isDirectory: true, from: 0))
            copy = made
        }
        try copyEntries(of: source, into: copy, path: path, depth: depth)
    }

    private mutating func copyLink(
        _ entry: borrowing TreeEntry, of source: Directory, into target: Directory?, path: [UInt8], depth: Int
    ) throws(Errno) {
        let destination: [UInt8]
        do { destination = try source.target(ofLink: entry.name) } catch { return try refuseUnread(error, path: path) }
        guard linkStaysInside(depth: depth, target: destination) else {
            return refuse(.linkLeaves, .link, path, "is a link to \(escaped(destination)), which may leave the bundle")
        }
        guard let target, report.isClean else { return }
        try target.makeLink(entry.name, to: destination)
        if let newOwner { try target.changeOwner(of: entry.name, to: newOwner.owner, group: newOwner.group) }
    }

    private mutating func copyFile(
        _ entry: borrowing TreeEntry, of source: Directory, as name: EntryName, into target: Directory?, path: [UInt8]
    ) throws(Errno) {
        let room = limits.bytes - report.bytes
        if entry.status.size > room { return refuseLarge() }
        let file: OwnedDescriptor
        do { file = try entry.file(in: source) } catch { return try refuseUnread(error, path: path) }
        guard let target, report.isClean else {
            report.bytes += entry.status.size
            return
        }
        let copy = try target.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do {
            report.bytes += try FileContent.copy(from: file.rawValue, to: copy.rawValue, limit: room)
        } catch {
            switch error {
            case .larger: return refuseLarge()
            case .reading(let errno): return try refuseUnread(errno, path: path)
            case .writing(let errno): throw errno
            }
        }
        // Whoever still writes to it gave us neither the old nor the new content.
        let after = try FileStatus.of(descriptor: file.rawValue)
        if after.size != entry.status.size || after.modified != entry.status.modified {
            return refuse(.changed, .regular, path, "changed while it was read")
        }
        if let newOwner { try changeOwner(of: copy.rawValue, to: newOwner.owner, group: newOwner.group) }
        let mode = TreeModes.bundle.permissions(isDirectory: false, from: entry.status.permissions)
        try changeMode(of: copy.rawValue, to: mode)
    }

    // MARK: What is refused

    private mutating func isOwned(_ status: FileStatus, path: [UInt8]) -> Bool {
        guard let owner, !owner.contains(status.owner) else { return true }
        refuse(
            .foreignOwner, status.kind, path,
            "belongs to user \(status.owner); all that is sent must belong to its sender, user \(owner)")
        return false
    }

    /// What could not be looked at or read: the sender's doing, unless this program or the machine has run out of something.
    private mutating func refuseUnread(_ error: Errno, path: [UInt8]) throws(Errno) {
        switch error {
        case .noSuchFileOrDirectory, .staleNFSFileHandle, .notDirectory, .tooManySymbolicLinkLevels, .invalidArgument:
            refuse(.changed, .unknown, path, "changed while it was read")
        case .permissionDenied, .notPermitted, .ioError:
            refuse(.unreadable, .unknown, path, "cannot be read: \(error)")
        case .improperLink:
            refuse(.otherFilesystem, .unknown, path, "is on another filesystem")
        default:
            throw error
        }
    }

    private mutating func refuseLarge() {
        isOver = true
        refuse(.tooLarge, .directory, [], "holds more than \(limits.bytes) bytes")
    }

    private mutating func refuse(_ code: TreeProblem.Code, _ kind: FileKind, _ path: [UInt8], _ detail: String) {
        report.note(TreeProblem(code, kind: kind, path: path, detail: detail))
    }
}
