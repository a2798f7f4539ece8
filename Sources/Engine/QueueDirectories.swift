internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
internal import SystemPackage

/// The directories that belong to one queue.
struct QueueDirectory: Sendable {
    let name: QueueName
    let inbox: Directory
    let active: Directory
    let outbox: Directory
    /// Who may read what lies in `active` and `outbox`: the group of the inbox.
    let group: UInt32
    fileprivate let activeStatus: FileStatus
    fileprivate let outboxStatus: FileStatus
}

/// The queues' directories, opened once; `active/Q` and `outbox/Q` are made when a queue is first seen, and again if somebody
/// removed or renamed them: who cleans up takes more than the results sometimes, and the next ones need a place.
final class QueueDirectories: Sendable {
    private let spool: Spool
    private let launcher: Launcher
    private let open = Mutex<[QueueName: QueueDirectory]>([:])

    init(spool: Spool, launcher: Launcher) {
        self.spool = spool
        self.launcher = launcher
    }

    /// A queue that is open already.
    func known(_ name: QueueName) -> QueueDirectory? { open.withLock { $0[name] } }

    /// Opens a queue: once more if its inbox was replaced since.
    func open(_ name: QueueName) async throws -> QueueDirectory {
        let entry = EntryName(name.description)
        var inbox = try spool.inbox.directory(entry)
        let status = try inbox.status()
        if let known = known(name), try known.inbox.status().isSameFile(as: status) {
            if known.group == status.group, isInPlace(known) { return known }
            inbox = known.inbox
        }
        let active = try await directories(name, model: .inbox(name), group: status.group, inbox: inbox)
        open.withLock { $0[name] = active }
        return active
    }

    /// For a queue whose inbox is gone while runs of it are under way: the directories of its results remain.
    func openResults(_ name: QueueName) async throws -> QueueDirectory {
        if let known = known(name), isInPlace(known) { return known }
        do {
            return try await open(name)
        } catch {
            let inbox = try spool.inbox.directory(".")
            return try await directories(name, model: Place([SpoolLayout.inbox]), group: spool.adminGroup, inbox: inbox)
        }
    }

    func forget(_ name: QueueName) { open.withLock { $0[name] = nil } }

    private func isInPlace(_ queue: QueueDirectory) -> Bool {
        let entry = EntryName(queue.name.description)
        return (try? spool.active.status(of: entry))?.isSameFile(as: queue.activeStatus) == true
            && (try? spool.outbox.status(of: entry))?.isSameFile(as: queue.outboxStatus) == true
    }

    private func directories(_ name: QueueName, model: Place, group: UInt32, inbox: Directory) async throws
        -> QueueDirectory
    {
        let entry = EntryName(name.description)
        try await launcher.again {
            try await launcher.makeDirectory(entry, in: Place(SpoolLayout.Way.active), mode: 0o2750, like: model)
            try await launcher.makeDirectory(entry, in: Place(SpoolLayout.Way.outbox), mode: 0o2770, like: model)
        }
        let active = try spool.active.directory(entry)
        let outbox = try spool.outbox.directory(entry)
        return QueueDirectory(
            name: name, inbox: inbox, active: active, outbox: outbox, group: group, activeStatus: try active.status(),
            outboxStatus: try outbox.status())
    }
}
