import Bundles
import Glibc
import Linux
import Presentation
import Runs
import Spool
import SystemPackage
import Trees

/// What lies in the inboxes and is not taken, and why.
struct InboxReport {
    private var entries: [String] = []
    /// What is in no queue.
    private(set) var strays: [String] = []

    var lines: [String] { strays + entries }

    private static let limit = 20

    init(_ view: SpoolView, _ only: QueueName?, _ unreadable: [QueueName]) {
        for queue in Set(unreadable).sorted() {
            let inbox = try? view.root.directory(SpoolLayout.inbox).status(of: EntryName(queue.description))
            entries.append("queue '\(queue)' is closed to you: \(Account.howToJoin(inbox))")
        }
        guard let inbox = try? view.root.directory(SpoolLayout.inbox), let all = try? inbox.entries() else {
            entries.append("cannot list \(view.path)/inbox")
            return
        }
        for entry in all.sorted(by: { $0.name < $1.name }) {
            let kind = try? inbox.status(of: entry.name).kind
            if kind == .directory, let queue = QueueName(bytes: entry.name.bytes) {
                if only == nil || only == queue { add(queue, inbox) }
            } else if only == nil, !entry.name.hasPrefix(".") {
                strays.append(
                    "stray: inbox/\(entry.name) is no queue and is left alone; bundles go into a queue, as inbox/default/"
                )
            }
        }
    }

    private mutating func add(_ queue: QueueName, _ inbox: Directory) {
        guard let directory = try? inbox.directory(EntryName(queue.description)) else { return }
        var found: [(EntryName, FileStatus)] = []
        var count = 0
        try? directory.forEachEntry { entry throws(Errno) in
            // What travels beside a bundle is none itself.
            if entry.name.hasPrefix("."), entry.name.hasSuffix(".submit.json") { return true }
            guard let status = try? directory.status(of: entry.name) else { return true }
            count += 1
            if found.count < Self.limit { found.append((entry.name, status)) }
            return true
        }
        for (name, status) in found.sorted(by: { $0.0 < $1.0 }) {
            entries.append("inbox: \(queue)/\(name): \(Self.reason(name, status, in: directory))")
        }
        if count > found.count { entries.append("inbox: \(queue): and \(count - found.count) more") }
    }

    private static func reason(_ name: EntryName, _ status: FileStatus, in queue: Directory) -> String {
        let age = Timestamp.now().milliseconds - status.changed / 1_000_000
        let since = "unchanged for \(ElapsedText.text(age))"
        if TransferName.isInInbox(name) {
            return "has a name of a file that is still being written, and is never taken under it; \(since)"
        }
        switch status.kind {
        case .regular:
            return status.size == 0 ? "empty; \(since)" : "not taken yet; \(since)"
        case .directory:
            guard let inside = try? queue.directory(name), let entries = try? firstEntries(of: inside) else {
                return "not taken yet; \(since)"
            }
            if entries.isEmpty { return "an empty directory; \(since)" }
            if let part = entries.first(where: TransferName.isInsideDirectory) {
                return "still being written: \(part) is in it; \(since)"
            }
            if geteuid() != 0, status.owner != geteuid(), queueOwner(queue) == geteuid() {
                return
                    "belongs to \(Account.userName(status.owner)), so a daemon without root may not take it; \(since)"
            }
            return "not taken yet; \(since)"
        default:
            return "a \(status.kind.word), and no bundle; \(since)"
        }
    }

    private static func firstEntries(of directory: Directory) throws(Errno) -> [EntryName] {
        var names: [EntryName] = []
        try directory.forEachEntry { entry throws(Errno) in
            names.append(entry.name)
            return names.count < 1000
        }
        return names
    }

    private static func queueOwner(_ queue: Directory) -> UInt32? { (try? queue.status())?.owner }
}
