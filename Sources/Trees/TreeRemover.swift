internal import Glibc
internal import Linux
internal import SystemPackage

/// One deletion under way.
///
/// It goes down a bounded number of levels with an open descriptor each. A directory below that is moved up into the tree's
/// own root and deleted from there: no `..`, which a stranger can move away from under one's feet, no memory that
/// grows with the depth, and each level is visited once.
struct TreeRemover {
    private static let levels = 48
    /// Who still creates entries while they are deleted must not hold this up for ever.
    private static let passes = 16

    private(set) var failure: TreeFailure?
    private var root: Directory?
    private var moved = 0

    mutating func remove(_ name: EntryName, from parent: Directory, path: [UInt8], level: Int) {
        do {
            try parent.unlink(name)
        } catch {
            switch error {
            case .noSuchFileOrDirectory: return
            // Linux says EISDIR; POSIX allows EPERM, which also an immutable file gives.
            case .isDirectory, .notPermitted: removeDirectory(name, from: parent, path: path, level: level)
            default: note(error, path, "unlinkat")
            }
        }
    }

    private mutating func removeDirectory(_ name: EntryName, from parent: Directory, path: [UInt8], level: Int) {
        do {
            try parent.removeDirectory(name)
            return
        } catch {
            switch error {
            case .noSuchFileOrDirectory: return
            case .directoryNotEmpty, .fileExists: break
            case .notDirectory: return note(.notPermitted, path, "unlinkat")
            default: return note(error, path, "rmdir")
            }
        }
        do {
            let entry = try TreeEntry(name, in: parent)
            let directory = try entry.forcedDirectory()
            if level >= TreeRemover.levels, let root {
                try moveUp(name, from: parent, to: root)
                return
            }
            if level == 0 { root = directory }
            empty(directory, path: path, level: level)
        } catch {
            if error != .noSuchFileOrDirectory { note(error, path, "openat") }
            return
        }
        do {
            try parent.removeDirectory(name)
        } catch {
            // Whatever kept it from becoming empty has been named already.
            if error != .noSuchFileOrDirectory, failure == nil { note(error, path, "rmdir") }
        }
    }

    /// Deletes what is in a directory; again as long as that brings anything, since entries may appear: those moved up, or a
    /// stranger's, and some filesystems lose their place in a listing from which entries vanish.
    private mutating func empty(_ directory: Directory, path: [UInt8], level: Int) {
        var pass = 0
        while true {
            let movedBefore = moved
            var seen = 0
            do {
                try directory.forEachEntry { entry throws(Errno) in
                    seen += 1
                    remove(entry.name, from: directory, path: joined(path, entry.name), level: level + 1)
                    return true
                }
            } catch {
                return note(error, path, "getdents64")
            }
            pass += 1
            let movedHere = level == 0 && moved > movedBefore
            if seen == 0 || (failure != nil && !movedHere) { return }
            if pass >= TreeRemover.passes, !movedHere { return }
        }
    }

    private mutating func moveUp(_ name: EntryName, from parent: Directory, to root: Directory) throws(Errno) {
        while true {
            moved += 1
            do {
                return try parent.rename(name, to: EntryName(".moved-\(moved)"), in: root)
            } catch {
                if error != .fileExists { throw error }
            }
        }
    }

    private mutating func note(_ error: Errno, _ path: [UInt8], _ call: String) {
        if failure == nil { failure = TreeFailure(error, path: path, call: call) }
    }
}
