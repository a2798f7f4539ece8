internal import Linux
internal import Runs
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Decides which result a name's link shows: that of the newest drop, once it has finished.
///
/// Claiming a newer drop and showing an older result exclude each other, or a link that was just removed could come back.
final class LinkRegistry: Sendable {
    private struct Key: Hashable {
        let queue: QueueName
        let name: BundleName
    }

    private struct Drops {
        /// The sequence of the newest drop whose result is out.
        var newestPublished: Int64 = 0
        /// Drops of the name that are not published yet, by their sequence.
        var unfinished: Set<Int64> = []
        /// The newest result that is not shown because a later drop was claimed; shown if that claim comes to nothing.
        var heldBack: RunRecord.Claim?
    }

    private let drops = Mutex<[Key: Drops]>([:])

    /// A new drop is about to leave the inbox: no older result of its name may be in the way.
    func claim(_ claim: RunRecord.Claim, in outbox: Directory) throws(Errno) {
        let key = Key(queue: claim.queue, name: claim.name)
        try drops.withLock { drops throws(Errno) in
            try ResultLinks(outbox: outbox).remove(claim.name)
            drops[key, default: Drops()].unfinished.insert(claim.sequence)
        }
    }

    /// A claim came to nothing: the link is as it would be without it.
    func withdraw(_ claim: RunRecord.Claim, in outbox: Directory) {
        let key = Key(queue: claim.queue, name: claim.name)
        drops.withLock { drops in
            var entry = drops[key] ?? Drops()
            entry.unfinished.remove(claim.sequence)
            drops[key] = entry.unfinished.isEmpty ? nil : entry
            let links = ResultLinks(outbox: outbox)
            // The result a link shows may be deleted by now: a dangling link is what the user would have had.
            if let held = entry.heldBack {
                if held.sequence > entry.unfinished.max() ?? 0 {
                    _ = try? links.set(claim.name, to: Self.target(of: held))
                }
            } else if let old = claim.oldLink, entry.unfinished.isEmpty, links.target(of: claim.name) == nil {
                _ = try? links.set(claim.name, to: old)
            }
        }
    }

    /// Counts a run that recovery found, or one whose claim left the link alone.
    func adopt(_ claim: RunRecord.Claim, newestKnown: Int64?) {
        let key = Key(queue: claim.queue, name: claim.name)
        drops.withLock { drops in
            var entry = drops[key] ?? Drops()
            entry.unfinished.insert(claim.sequence)
            entry.newestPublished = max(entry.newestPublished, newestKnown ?? 0)
            drops[key] = entry
        }
    }

    /// A result is in the outbox: its name shows it, unless a later drop of that name was claimed. Call it again if it fails.
    func published(_ claim: RunRecord.Claim, in outbox: Directory) throws(Errno) {
        let key = Key(queue: claim.queue, name: claim.name)
        try drops.withLock { drops throws(Errno) in
            guard var entry = drops[key] else { return }
            if entry.newestPublished <= claim.sequence {
                if entry.unfinished.max() ?? 0 <= claim.sequence {
                    try ResultLinks(outbox: outbox).set(claim.name, to: Self.target(of: claim))
                    entry.heldBack = nil
                } else {
                    entry.heldBack = claim
                }
                entry.newestPublished = claim.sequence
            }
            entry.unfinished.remove(claim.sequence)
            drops[key] = entry.unfinished.isEmpty ? nil : entry
        }
    }

    /// A result is not there any more: a link that shows it goes as well, unless it was set anew.
    func gone(_ result: EntryName, named name: BundleName, from outbox: Directory) throws(Errno) {
        try drops.withLock { _ throws(Errno) in
            let links = ResultLinks(outbox: outbox)
            if links.target(of: name) == result.bytes, !outbox.has(result) { try links.remove(name) }
        }
    }

    private static func target(of claim: RunRecord.Claim) -> [UInt8] {
        SpoolLayout.directory(claim.name, claim.run).bytes
    }
}
