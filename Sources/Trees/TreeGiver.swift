internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// One change of owner under way.
///
/// The walk keeps the upper levels' directories open and, below those, only the one it is in: it comes back by `..`, looks
/// whether that is the directory it came from, and reads on from the place in its listing.
struct TreeGiver {
    private struct Level {
        /// Nil below the levels that stay open, unless it is the current one.
        var directory: Directory?
        var reader = DirectoryReader()
        let device: UInt64
        let inode: UInt64
        let pathLength: Int
    }

    private static let openLevels = 48

    private(set) var failure: TreeFailure?
    /// On disk, of all that was visited.
    private(set) var bytes: Int64 = 0
    private let newOwner: Ownership?
    private let from: OwnerSet?
    private let modes: TreeModes
    private var levels: [Level] = []
    private var path: [UInt8] = []

    init(newOwner: Ownership?, from: OwnerSet?, modes: TreeModes) {
        self.newOwner = newOwner
        self.from = from
        self.modes = modes
    }

    mutating func give(_ name: EntryName, in parent: Directory) {
        visit(name, in: parent)
        while let directory = levels.last?.directory {
            var name: EntryName?
            do throws(Errno) {
                name = try levels[levels.count - 1].reader.next(of: directory)
            } catch {
                // As far as it could be read; the walk goes on above.
                note(error, "getdents64")
            }
            if let name {
                visit(name, in: directory)
                continue
            }
            do {
                try ascend(from: directory)
            } catch {
                return note(error, "openat(..)")
            }
        }
    }

    private mutating func visit(_ name: EntryName, in parent: Directory) {
        let length = path.count
        // In place: a copy for each of a stranger's levels would take quadratic time.
        if !path.isEmpty { path.append(0x2F) }
        path.append(contentsOf: name.bytes)
        do {
            let entry = try TreeEntry(name, in: parent)
            let isDirectory = entry.status.kind == .directory
            bytes += TreeSize.share(of: entry.status)
            if from?.contains(entry.status.owner) ?? true {
                do { try change(entry) } catch { note(error, "fchownat") }
            }
            if isDirectory { return try descend(into: entry, pathLength: length) }
        } catch {
            if error != .noSuchFileOrDirectory { note(error, "openat") }
        }
        path.removeLast(path.count - length)
    }

    private func change(_ entry: borrowing TreeEntry) throws(Errno) {
        if let newOwner { try entry.changeOwner(to: newOwner) }
        // A link has no permissions of its own.
        if entry.status.kind == .link { return }
        let wanted = modes.permissions(
            isDirectory: entry.status.kind == .directory, from: entry.status.permissions)
        // A change of owner has cleared set-id bits, so that keeping them needs a call, too.
        let isGiven = newOwner.map { entry.status.owner != $0.owner || entry.status.group != $0.group } ?? false
        if wanted != entry.status.permissions || (isGiven && wanted & 0o6000 != 0) {
            try entry.changeMode(to: wanted)
        }
    }

    private mutating func descend(into entry: borrowing TreeEntry, pathLength: Int) throws(Errno) {
        let directory = try entry.directory()
        if levels.count > TreeGiver.openLevels { levels[levels.count - 1].directory = nil }
        if !levels.isEmpty { levels[levels.count - 1].reader.rest() }
        levels.append(
            Level(
                directory: directory, device: entry.status.device, inode: entry.status.inode, pathLength: pathLength))
    }

    private mutating func ascend(from directory: Directory) throws(Errno) {
        path.removeLast(path.count - levels[levels.count - 1].pathLength)
        levels.removeLast()
        guard let level = levels.last, level.directory == nil else { return }
        let raw = try retrying {
            linux_openat(directory.rawValue, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        }
        let parent = Directory(OwnedDescriptor(taking: raw))
        let status = try parent.status()
        guard status.device == level.device, status.inode == level.inode else { throw .staleNFSFileHandle }
        levels[levels.count - 1].directory = parent
    }

    private mutating func note(_ error: Errno, _ call: String) {
        if failure == nil { failure = TreeFailure(error, path: path, call: call) }
    }
}
