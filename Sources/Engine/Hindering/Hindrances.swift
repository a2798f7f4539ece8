internal import Linux
internal import Logging
internal import Runs
internal import Spool
internal import Synchronization
internal import SystemPackage

/// What the daemon cannot do at the moment. Each hindrance is said once when it begins and once when it is over, and stands
/// meanwhile in `control/hindrances.json`, for `ps` and `doctor`.
///
/// Who is hindered keeps what it has to do, calls `begin`, rests, and tries again; who succeeds calls `end`, which costs next to
/// nothing as long as nothing is in the way.
final class Hindrances: Sendable {
    private struct State {
        var current: [Hindrance.Activity: Hindrance] = [:]
        var began: [Hindrance.Activity: SuspendingClock.Instant] = [:]
        var file: HindranceFile?
        /// What the file does not say yet.
        var isUnwritten = true
        var sleepers: [UInt64: Task<Void, any Error>] = [:]
        var lastSleeper: UInt64 = 0
        var isStopping = false
    }

    private let state = Mutex(State())
    private let control: Directory
    private let logger: Logger
    /// Called when the disk turns out to be short of something, once each time.
    private let makeRoom = Mutex<@Sendable () -> Void>({})

    init(control: Directory, logger: Logger) {
        self.control = control
        self.logger = logger
        state.withLock { write(&$0) }
    }

    /// What is done when the disk is full, besides waiting.
    func whenFull(_ action: @escaping @Sendable () -> Void) { makeRoom.withLock { $0 = action } }

    // MARK: Beginning and ending

    /// Something cannot be done. Said when it begins, not again until it is over.
    ///
    /// - Parameters:
    ///   - cause: What was being done, and what the kernel said.
    ///   - advice: The way out.
    func begin(_ activity: Hindrance.Activity, _ cause: String, advice: String) {
        let isNew = state.withLock { state in
            guard state.current[activity] == nil else { return false }
            state.current[activity] = Hindrance(activity, since: .now(), reason: "\(cause); \(advice)")
            state.began[activity] = .now
            state.isUnwritten = true
            write(&state)
            return true
        }
        if isNew {
            logger.error("\(activity.words) has to wait: \(cause); \(advice); it goes on by itself then")
        } else {
            state.withLock { write(&$0) }
        }
    }

    /// The same for an error of the kernel's, with the way out that it has.
    func begin(_ activity: Hindrance.Activity, _ what: String, _ error: any Error) {
        let errno = Self.errno(of: error)
        begin(activity, "\(what): \(error)", advice: Self.advice(errno))
        if errno?.isDiskScarcity == true { makeRoom.withLock { $0 }() }
    }

    /// It can be done again.
    func end(_ activity: Hindrance.Activity) {
        let began = state.withLock { state -> SuspendingClock.Instant? in
            guard state.current.removeValue(forKey: activity) != nil else { return nil }
            state.isUnwritten = true
            write(&state)
            return state.began.removeValue(forKey: activity)
        }
        guard let began else { return }
        let seconds = (SuspendingClock.now - began).milliseconds / 1000
        logger.notice("\(activity.words) goes on, after \(seconds) s")
    }

    func isHindered(_ activity: Hindrance.Activity) -> Bool { state.withLock { $0.current[activity] != nil } }

    /// A disk that refuses even this is tried again with the next change or attempt; `ps` looks at the disk itself.
    private func write(_ state: inout State) {
        guard state.isUnwritten else { return }
        do throws(Errno) {
            let file = if let file = state.file { file } else { try HindranceFile(in: control) }
            state.file = file
            let all = Hindrance.Activity.allCases.compactMap { state.current[$0] }
            try file.replace(with: all)
            state.isUnwritten = false
        } catch {
            logger.debug("control/hindrances.json cannot be written: \(error)")
        }
    }

    // MARK: Waiting

    /// A timer between two tries: what is in the way does not tell when it goes. False if the daemon stops meanwhile.
    func rest(_ duration: Duration) async -> Bool {
        let sleeper = state.withLock { state -> (UInt64, Task<Void, any Error>)? in
            if state.isStopping { return nil }
            state.lastSleeper += 1
            // Awaited below; `stop` ends it early.
            let task = Task { try await Task.sleep(for: duration, clock: .suspending) }
            state.sleepers[state.lastSleeper] = task
            return (state.lastSleeper, task)
        }
        guard let (number, task) = sleeper else { return false }
        _ = await task.result
        return state.withLock { state in
            state.sleepers[number] = nil
            return !state.isStopping
        }
    }

    /// Whether nobody may wait any longer.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Nobody rests any more: the daemon stops. What is still to be done stays in its records.
    func stop() {
        let sleepers = state.withLock { state in
            state.isStopping = true
            return Array(state.sleepers.values)
        }
        for sleeper in sleepers { sleeper.cancel() }
    }
}
