public import Linux

/// Deletes trees.
public enum TreeRemove {
    /// Deletes an entry and all below it: any depth, any mode, following nothing, leaving what is mounted in it alone.
    ///
    /// No entry of that name is no error. What cannot be deleted does not keep the rest: the error names the first such entry.
    public static func remove(_ name: EntryName, in directory: Directory) throws(TreeFailure) {
        var remover = TreeRemover()
        remover.remove(name, from: directory, path: name.bytes, level: 0)
        if let failure = remover.failure { throw failure }
    }
}
