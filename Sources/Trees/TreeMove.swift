public import Linux
public import SystemPackage

/// Moves trees.
public enum TreeMove {
    /// Renames an entry into another directory of the same filesystem. EEXIST if there is one of the new name.
    ///
    /// A directory that its owner closed to itself is opened to it first: its `..` changes with the move, and for that the kernel
    /// wants it to be writable.
    public static func move(
        _ name: EntryName, of source: Directory, to newName: EntryName, in target: Directory
    ) throws(Errno) {
        do {
            return try source.rename(name, to: newName, in: target)
        } catch {
            if error != .permissionDenied { throw error }
        }
        _ = try TreeEntry(name, in: source).forcedDirectory()
        try source.rename(name, to: newName, in: target)
    }
}
