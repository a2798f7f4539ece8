public import Linux
public import SystemPackage

/// Copies what a stranger dropped into a place of one's own, so that what was judged is what runs.
///
/// Taken are regular files (0644, or 0755 if anybody may execute them), directories (0755) and links that stay inside
/// (`linkStaysInside`). Hard links become copies; set-id bits and extended attributes stay behind. All else is a problem of
/// the report. After the first problem nothing more is copied, only looked at, so that one report lists them all; when a limit is
/// reached the walk ends. Errors that are thrown are not the dropper's: a full disk, no descriptors.
public enum TreeCopy {
    /// Copies all that is in `source` into the empty directory `target`, which itself keeps its owner and mode.
    ///
    /// With `owner`, an entry of anybody else than one of these is a problem. With `newOwner`, the copies are given to it.
    public static func copyDirectory(
        _ source: Directory, into target: Directory, owner: OwnerSet?, limits: TreeLimits, newOwner: Ownership? = nil
    ) throws(Errno) -> TreeReport {
        var copier = TreeCopier(owner: owner, limits: limits, newOwner: newOwner)
        try copier.copyEntries(of: source, into: target, path: [], depth: 0)
        return copier.report
    }

    /// Copies one regular file as `newName`, which must not exist yet.
    public static func copyFile(
        _ name: EntryName, of source: Directory, as newName: EntryName, into target: Directory, owner: OwnerSet?,
        limits: TreeLimits, newOwner: Ownership? = nil
    ) throws(Errno) -> TreeReport {
        var copier = TreeCopier(owner: owner, limits: limits, newOwner: newOwner)
        try copier.copyOnlyFile(name, of: source, as: newName, into: target)
        return copier.report
    }
}
