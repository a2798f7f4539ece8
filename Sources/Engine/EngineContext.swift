internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization

/// What every station of the engine works with; all of it made at start and alive until the end.
struct EngineContext: Sendable {
    let spool: Spool
    let launcher: Launcher
    let history: HistoryWriter
    let flusher: Flusher
    let pump: OutputPump
    let settings: LiveSettings
    let queues: QueueDirectories
    let links: LinkRegistry
    let owners: OwnerNames
    let unpacker: SharedDescriptor
    let validator: SharedDescriptor
    let trash: Trash
    let hindrances: Hindrances
    let audits: AuditNotes
    let checkpoints: Checkpoints
    let mender: HistoryMender
    /// For what blocks: programs that are asked, files that are hashed.
    let worker: BlockingWorker
    let logger: Logger
}

extension EngineContext {
    /// Does something that blocks, on a thread that is there for that.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            worker.submit { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Notes who asked for what; a history that cannot be written holds nobody up.
    func audit(
        _ action: AuditAction, by user: UInt32?, queue: QueueName? = nil, run: RunID? = nil, detail: String? = nil,
        _ outcome: String
    ) async {
        let entry = AuditEntry(
            at: .now(), uid: user, user: user.map(owners.name), action: action, queue: queue, run: run, detail: detail,
            outcome: outcome)
        await audits.add(entry)
    }
}

/// The settings in effect; replaced as a whole when bobbin.yaml is read again.
final class LiveSettings: Sendable {
    private let current: Mutex<Settings>

    init(_ settings: Settings) { current = Mutex(settings) }

    var value: Settings { current.withLock { $0 } }

    func replace(with settings: Settings) { current.withLock { $0 = settings } }
}

/// The names of unix users, each looked up once.
final class OwnerNames: Sendable {
    private let known = Mutex<[UInt32: String]>([:])

    /// The user's name, or the number of one that has none.
    func name(of user: UInt32) -> String {
        if let name = known.withLock({ $0[user] }) { return name }
        let name = UserDatabase.name(ofUser: user) ?? String(user)
        known.withLock { $0[user] = name }
        return name
    }
}

extension Place {
    static func inbox(_ queue: QueueName) -> Place { Place(SpoolLayout.Way.inbox(queue)) }
    static func active(_ queue: QueueName) -> Place { Place(SpoolLayout.Way.active(queue)) }
    static func outbox(_ queue: QueueName) -> Place { Place(SpoolLayout.Way.outbox(queue)) }
    static func run(_ run: RunID) -> Place { Place(SpoolLayout.Way.run(run)) }
    static func result(_ claim: RunRecord.Claim) -> Place {
        Place(SpoolLayout.Way.result(claim.queue, claim.name, claim.run))
    }
}
