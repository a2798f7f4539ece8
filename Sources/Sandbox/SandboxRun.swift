internal import CLinux
internal import Glibc
internal import Linux
public import SandboxProtocol
internal import Synchronization

/// A process in its sandbox.
public final class SandboxRun: Sendable {
    /// Its init: what to note in order to find it again after a crash.
    public let process: ProcessIdentity
    /// What holds it, in the order status.json has it.
    public let enforced: [Enforcement]
    private let number: UInt64
    private let connection: Connection
    private let ending: SandboxEnding
    private let pidfd: SharedDescriptor?

    init(
        process: ProcessIdentity, enforced: [Enforcement], number: UInt64, connection: Connection,
        ending: SandboxEnding,
        pidfd: SharedDescriptor?
    ) {
        self.process = process
        self.enforced = enforced
        self.number = number
        self.connection = connection
        self.ending = ending
        self.pidfd = pidfd
    }

    /// Sends TERM to every process of the run.
    public func terminate() { connection.tell(.terminate(run: number)) }

    /// Kills every process of the run, whatever it does.
    public func kill() { connection.tell(.kill(run: number)) }

    /// Waits until no process of the run is alive any more. `LauncherError.died`: the launcher died, and its runs with
    /// it.
    public func end() async throws(LauncherError) -> (end: SandboxEnd, usage: SandboxUsage) {
        let result = await ending.value()
        guard case (.ended(let end, let usage), _) = try result.get() else { throw .protocol("end") }
        return (end, usage)
    }
}

/// The end of a run: set once, waited for by any number.
final class SandboxEnding: Sendable {
    private enum State {
        case open([CheckedContinuation<Result<Answer, LauncherError>, Never>])
        case ended(Result<Answer, LauncherError>)
    }

    private let state = Mutex(State.open([]))

    func finish(_ result: Result<Answer, LauncherError>) {
        let waiting = state.withLock { state in
            guard case .open(let waiting) = state else {
                return [CheckedContinuation<Result<Answer, LauncherError>, Never>]()
            }
            state = .ended(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    func value() async -> Result<Answer, LauncherError> {
        await withCheckedContinuation { continuation in
            let ended: Result<Answer, LauncherError>? = state.withLock { state in
                switch state {
                case .ended(let result): return result
                case .open(let waiting):
                    state = .open(waiting + [continuation])
                    return nil
                }
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
