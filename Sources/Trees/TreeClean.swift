public import Linux

/// Makes what a script left into something that may be shown.
///
/// The tree is an overlay's upper directory, unmounted, and nobody writes to it any more. It is cleaned in place: whiteouts are
/// forgotten, with the directories that hold nothing else; special files, links that leave, what is too deep or over a
/// limit is deleted and noted; what stays gets `TreeModes.result`, its new owner, and loses its extended attributes.
/// Each name of a hard-linked file counts, as it does for who copies the result.
/// Doing it again, after a crash, is harmless; with a journal the second report also lists what the first time deleted.
public enum TreeClean {
    /// Cleans the directory `name`, itself included.
    ///
    /// With `script`, only what belongs to such a user, or already to the new owner, is kept: a hard link to somebody else's file
    /// would be given away. Over `limits.bytes` the report has `exceeded` `.output`, over `limits.entries` `.outputFiles`.
    public static func clean(
        _ name: EntryName, in parent: Directory, script: OwnerSet?, limits: TreeLimits, newOwner: Ownership?,
        journal: TreeJournal? = nil
    ) throws(TreeFailure) -> TreeReport {
        var cleaner: TreeCleaner
        do {
            cleaner = try TreeCleaner(script: script, limits: limits, newOwner: newOwner, journal: journal)
        } catch {
            throw TreeFailure(error, path: name.bytes, call: "read the journal of")
        }
        do {
            try cleaner.cleanRoot(name, in: parent)
        } catch {
            throw cleaner.failure ?? TreeFailure(error, path: name.bytes, call: "openat")
        }
        return cleaner.report
    }
}
