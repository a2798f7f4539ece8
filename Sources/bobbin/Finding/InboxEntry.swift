import Bundles
import Linux
import Presentation
import Runs
import Spool
import SystemPackage
import Trees

/// An entry of a queue's inbox that may become a run.
struct InboxEntry {
    let queue: QueueName
    let entry: EntryName
    let drop: DropName

    /// The entry that a selector means; the newest where several do. nil also where the inbox may not be listed.
    static func find(_ selector: RunSelector, in view: SpoolView) -> InboxEntry? {
        var found: InboxEntry?
        for queue in (try? view.queues()) ?? [] where selector.queue == nil || selector.queue == queue {
            guard let inbox = try? view.directoryIfPresent(SpoolLayout.inbox, queue) else { continue }
            try? inbox.forEachEntry { item throws(Errno) in
                if TransferName.isInInbox(item.name) { return true }
                let drop = DropName(item.name, isDirectory: item.kind == .directory)
                let fits = selector.run.map { $0 == drop.run } ?? (selector.name == drop.name)
                if fits { found = InboxEntry(queue: queue, entry: item.name, drop: drop) }
                return !fits
            }
        }
        return found
    }

    /// Whether it is still there.
    func isPresent(in view: SpoolView) -> Bool {
        (try? view.directoryIfPresent(SpoolLayout.inbox, queue))?.has(entry) ?? false
    }
}
