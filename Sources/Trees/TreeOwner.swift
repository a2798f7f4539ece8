public import Linux

/// Changes whose a tree is.
public enum TreeOwner {
    /// Gives an entry and all below it, at any depth, to somebody, or leaves it whose it is, and sets modes if asked to.
    ///
    /// With `from`, only what belongs to one of these users is touched: a stranger may have hard-linked another's file into his
    /// tree. What is right already costs a look only. What cannot be changed does not keep the rest: the error
    /// names the first such entry. Links are given, not followed; what is mounted in the tree is left alone.
    ///
    /// - Returns: bytes on disk of all of it.
    @discardableResult
    public static func give(
        _ name: EntryName, in parent: Directory, to newOwner: Ownership?, from: OwnerSet? = nil,
        modes: TreeModes = .kept
    ) throws(TreeFailure) -> Int64 {
        var giver = TreeGiver(newOwner: newOwner, from: from, modes: modes)
        giver.give(name, in: parent)
        if let failure = giver.failure { throw failure }
        return giver.bytes
    }
}
