internal import Bundles
internal import History
internal import Runs
internal import Spool

/// What to make of a run id that somebody chose: who drops, or who asks for a run again.
enum ChosenRun {
    case new, known, beingJudged
    case refused(BundleError)

    private static let day: Int64 = 86_400_000

    init(_ run: RunID, in context: EngineContext) async throws {
        if let directory = try? context.spool.runDirectory(run) {
            guard let record = try directory.readRecord() else {
                self = .beingJudged
                return
            }
            if case .claimed = record.progress { self = .beingJudged } else { self = .known }
            return
        }
        if try await context.history.knows(run) != nil {
            self = .known
            return
        }
        if context.mender.isUnsure(run) {
            // It waits in its inbox until all is known that can be.
            self = .beingJudged
            return
        }
        if run.time.milliseconds > Timestamp.now().milliseconds + Self.day {
            self = .refused(
                BundleError(code: "run_id_ahead", message: "the run id's time, \(run.time), is more than a day ahead"))
            return
        }
        let memory = try await context.history.memory()
        // Whoever chose an id just before the history was begun could not know that. What it has forgotten is another matter:
        // an id of that time may have been used.
        let isForgotten = memory.forgottenUntil.map { run.time <= $0 } ?? false
        if isForgotten || run.time.milliseconds < memory.since.milliseconds - Self.day {
            self = .refused(
                BundleError(
                    code: "run_id_too_old",
                    message: "the run id's time, \(run.time), is older than what the history remembers; choose a new id"
                ))
            return
        }
        self = .new
    }
}
