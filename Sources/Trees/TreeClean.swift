public import Linux

/// Makes what a script left into something that may be shown.
///
/// The tree is an overlay's upper directory, unmounted, and nobody writes to it any more. It is cleaned in place: whiteouts are
/// forgotten, with the directories that hold nothing else; special files, links that leave, what is too deep or over a
/// limit is deleted and noted; what stays gets `TreeModes.result`, its new owner, and loses its extended attributes.
/// Each name of a hard-linked file counts, as it does for who copies the result.
/// Doing it again, after a crash, is harmless; with a journal the second report also lists what the first time deleted.
public enum TreeClean {
    /// What becomes of the tree.
    public enum Purpose: Sendable, Hashable {
        /// Files that a run has made, for their reader.
        case result
        /// Programs and libraries that runs of any user use: links may also lead to the host's own, in `/usr`, which a sandbox has at
        /// the same path, and names of one file may be many.
        case environment

        var modes: TreeModes { self == .result ? .result : .bundle }

        func allowsLink(depth: Int, to target: [UInt8]) -> Bool {
            if linkStaysInside(depth: depth, target: target) { return true }
            return self == .environment && target.starts(with: "/usr/".utf8) && target.count < 4096
                && !target.contains(0) && !target.split(separator: 0x2F).contains { $0.elementsEqual([0x2E, 0x2E]) }
        }
    }

    /// Cleans the directory `name`, itself included.
    ///
    /// With `script`, only what belongs to such a user, or already to the new owner, is kept: a hard link to somebody else's file
    /// would be given away. Over `limits.bytes` the report has `exceeded` `.output`, over `limits.entries` `.outputFiles`.
    public static func clean(
        _ name: EntryName, in parent: Directory, script: OwnerSet?, limits: TreeLimits, newOwner: Ownership?,
        journal: TreeJournal? = nil, purpose: Purpose = .result
    ) throws(TreeFailure) -> TreeReport {
        var cleaner: TreeCleaner
        do {
            cleaner = try TreeCleaner(
                script: script, limits: limits, newOwner: newOwner, journal: journal, purpose: purpose)
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
