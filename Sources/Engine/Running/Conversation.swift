internal import Runs
internal import Synchronization
internal import SystemPackage

/// What a running script has said so far, for those who write it down.
final class Conversation: Sendable {
    /// What is known at one moment.
    struct State: Sendable {
        var report = RunReport()
        /// Why it failed, by the harness that called it.
        var failure: String?
        /// How many errors it logged, and the first.
        var errors = 0
        var firstError: String?
        /// Why log.jsonl is not whole, if the disk refused.
        var logFailure: Errno?
    }

    private let state = Mutex(State())
    /// Something that readers want to see has changed.
    let changes: AsyncStream<Void>
    private let teller: AsyncStream<Void>.Continuation

    init() { (changes, teller) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    var value: State { state.withLock { $0 } }

    func hear(_ event: RunEvent) {
        let isShown = state.withLock { state in
            switch event {
            case .log(.error, let message):
                state.errors += 1
                if state.firstError == nil { state.firstError = RunEvent.oneLine(message) }
                return false
            case .log: return false
            case .progress(let progress, let text):
                state.report.progress = progress
                state.report.progressText = text
            case .message(let text): state.report.message = text
            case .checkpoint(let value):
                state.report.checkpoint = value
                return false
            case .failure(let reason):
                state.failure = reason
                return false
            case .rows(let rows): state.report.rows = rows
            }
            return true
        }
        if isShown { teller.yield() }
    }

    func drop() { state.withLock { $0.report.droppedEvents += 1 } }

    func end(_ failure: Errno?) {
        state.withLock { $0.logFailure = failure }
        teller.finish()
    }
}
