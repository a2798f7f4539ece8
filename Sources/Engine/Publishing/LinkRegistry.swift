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
        var newest: Int64
        /// Drops of the name that are not published yet.
        var unfinished: Int
    }

    private let drops = Mutex<[Key: Drops]>([:])

    /// A new drop is about to leave the inbox: no older result of its name may be in the way.
    ///
    /// - Returns: where the link pointed, for a claim that comes to nothing.
    func claim(_ claim: RunRecord.Claim, in outbox: Directory) throws(Errno) {
        let key = Key(queue: claim.queue, name: claim.name)
        try drops.withLock { drops throws(Errno) in
            try ResultLinks(outbox: outbox).remove(claim.name)
            var entry = drops[key] ?? Drops(newest: claim.sequence, unfinished: 0)
            entry.newest = max(entry.newest, claim.sequence)
            entry.unfinished += 1
            drops[key] = entry
        }
    }

    /// A claim came to nothing: the link is as it was.
    func withdraw(_ claim: RunRecord.Claim, in outbox: Directory) {
        let key = Key(queue: claim.queue, name: claim.name)
        drops.withLock { drops in
            let links = ResultLinks(outbox: outbox)
            if let old = claim.oldLink, links.target(of: claim.name) == nil {
                // The result it pointed to may be deleted by now: a dangling link is what the user would have had.
                _ = try? links.set(claim.name, to: old)
            }
            release(key, &drops)
        }
    }

    /// Counts a run that recovery found, or one whose claim left the link alone.
    func adopt(_ claim: RunRecord.Claim, newestKnown: Int64?) {
        let key = Key(queue: claim.queue, name: claim.name)
        drops.withLock { drops in
            var entry = drops[key] ?? Drops(newest: claim.sequence, unfinished: 0)
            entry.newest = max(entry.newest, claim.sequence, newestKnown ?? 0)
            entry.unfinished += 1
            drops[key] = entry
        }
    }

    /// A result is in the outbox: its name shows it, unless a later drop of that name was claimed.
    func published(_ claim: RunRecord.Claim, in outbox: Directory) throws(Errno) {
        let key = Key(queue: claim.queue, name: claim.name)
        try drops.withLock { drops throws(Errno) in
            defer { release(key, &drops) }
            guard let entry = drops[key], entry.newest <= claim.sequence else { return }
            try ResultLinks(outbox: outbox).set(claim.name, to: SpoolLayout.directory(claim.name, claim.run).bytes)
        }
    }

    private func release(_ key: Key, _ drops: inout [Key: Drops]) {
        guard var entry = drops[key] else { return }
        entry.unfinished -= 1
        drops[key] = entry.unfinished > 0 ? entry : nil
    }
}
