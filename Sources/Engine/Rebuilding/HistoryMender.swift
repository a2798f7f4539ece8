// A damaged history is set aside under a dated name, a new one is begun, and runs go on. What the old one knew is brought back
// while they do (`HistoryRebuild`). `state/rebuild` says that this is under way: written before the file moves, taken away at
// the end, so that a daemon that starts goes on with it; each step of it may be done again.

internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Spool
internal import Synchronization
internal import SystemPackage

/// Opens the history, and makes a new one of what is known when it is damaged.
actor HistoryMender {
    private let spool: Spool
    private let history: HistoryWriter
    private let hindrances: Hindrances
    private let logger: Logger
    private let wishes: AsyncStream<Wish>
    private nonisolated let wisher: AsyncStream<Wish>.Continuation
    /// Whether somebody met damage since the present history was begun.
    private nonisolated let isDamaged = Guarded(false)
    /// Ids of that time or before are not all known yet.
    private nonisolated let unsure = Guarded<Timestamp?>(nil)

    enum Wish: Sendable {
        /// Somebody met damage.
        case mend
        /// Somebody asks for it; called once.
        case byHand(@Sendable (Result<HistoryRebuild.Summary, any Error>) -> Void)
    }

    init(spool: Spool, history: HistoryWriter, hindrances: Hindrances, logger: Logger) {
        self.spool = spool
        self.history = history
        self.hindrances = hindrances
        self.logger = logger
        (wishes, wisher) = AsyncStream<Wish>.makeStream()
        history.whenDamaged { [wisher, isDamaged] in
            let isNew = isDamaged.withLock { isDamaged in
                defer { isDamaged = true }
                return !isDamaged
            }
            if isNew { wisher.yield(.mend) }
        }
    }

    /// Whether a run id that is not known may have been used all the same: the history is still being made.
    nonisolated func isUnsure(_ run: RunID) -> Bool { unsure.withLock { $0.map { run.time <= $0 } ?? false } }

    // MARK: At the start

    /// Opens the history. A damaged one is set aside; for one that is locked, or has no room, it waits.
    ///
    /// - Throws: what does not pass: a newer schema, another program's database, no permission.
    func open() async throws {
        // Before a new one is made, which would look as if nothing had ever run.
        if try spool.rebuildMark() == nil, history.isGone, try spool.hasRun() { try await beginAnew() }
        try await ask { try await $0.open() }
        if history.mayLackRuns, try spool.rebuildMark() == nil {
            logger.error(
                "history.sqlite-wal was taken away, and what it knew with it; runs are brought back from the directories"
            )
            try await write(RebuildMark(aside: nil, at: .now(), claim: 0))
        }
        if let mark = try spool.rebuildMark() {
            note(mark)
            if mark.isAnew { try await ask { try await $0.raiseClaim(to: mark.claim) } }
        }
        hindrances.end(.remembering)
    }

    private func beginAnew() async throws {
        logger.error(
            "history/\(SpoolLayout.database) is gone, and what it alone knew; runs are brought back from the directories"
        )
        try await write(RebuildMark(anew: .now(), aside: nil))
    }

    /// What is not marked would not be brought back after a crash: it waits until there is room for that.
    private func write(_ mark: RebuildMark) async throws {
        var backoff = Backoff()
        while true {
            do {
                return try spool.write(mark)
            } catch {
                if !Hindrances.isPassing(error) { throw error }
                hindrances.begin(.remembering, "writing state/\(SpoolLayout.rebuild)", error)
                guard await hindrances.rest(backoff.step()) else { throw CancellationError() }
            }
        }
    }

    /// Asks something of the history that the start cannot go on without.
    func ask<Value: Sendable>(
        _ question: @Sendable (HistoryWriter) async throws -> Value
    ) async throws -> Value {
        var backoff = Backoff()
        while true {
            do {
                return try await question(history)
            } catch let error as HistoryError {
                if error.code == .damaged {
                    try await setAside(error)
                } else if error.code == .busy || error.code == .full {
                    hindrances.begin(.remembering, "\(error)", advice: "the start waits for it")
                    guard await hindrances.rest(backoff.step()) else { throw CancellationError() }
                } else {
                    throw error
                }
            }
        }
    }

    private func note(_ mark: RebuildMark) {
        unsure.withLock { $0 = mark.at }
        let why =
            mark.aside.map {
                "the history was damaged, and is made anew from what can be read of history/\($0) and from the directories"
            } ?? "the history lacks runs, which are brought back from the directories"
        hindrances.begin(.rebuilding, why, advice: "nothing need be done")
    }

    private func setAside(_ error: HistoryError?) async throws {
        let now = Timestamp.now()
        let name = "\(SpoolLayout.database).damaged-\(now.description.replacing(":", with: "-"))"
        let mark = RebuildMark(anew: now, aside: name)
        try spool.write(mark)
        try await history.setAside(as: name)
        isDamaged.withLock { $0 = false }
        let why = error?.cause ?? "a look through it found that"
        logger.error("the history is damaged (\(why)): it is set aside as history/\(name), and a new one is begun")
        note(mark)
        try await history.open()
        try await history.raiseClaim(to: mark.claim)
    }

    // MARK: While the daemon runs

    /// Mends until `stop`.
    func run(_ context: EngineContext) async {
        if (try? spool.rebuildMark()) != nil { wisher.yield(.mend) }
        for await wish in wishes {
            switch wish {
            case .mend: await mend(context)
            case .byHand(let done): done(await byHand(context))
            }
        }
    }

    nonisolated func stop() { wisher.finish() }

    /// Looks the history through, sets it aside if it is damaged, and brings back what it lacks.
    func rebuild() async throws -> HistoryRebuild.Summary {
        let result: Result<HistoryRebuild.Summary, any Error> = await withCheckedContinuation { continuation in
            let wish = Wish.byHand { continuation.resume(returning: $0) }
            if case .terminated = wisher.yield(wish) { continuation.resume(returning: .failure(CancellationError())) }
        }
        return try result.get()
    }

    private func byHand(_ context: EngineContext) async -> Result<HistoryRebuild.Summary, any Error> {
        do {
            switch try await condition() {
            case .whole: break
            case .damaged: try await setAside(nil)
            case .moved:
                try await history.leaveMoved()
                try await open()
            }
            if try spool.rebuildMark() == nil {
                try spool.write(RebuildMark(aside: nil, at: .now(), claim: 0))
            }
            return .success(try await finish(context))
        } catch {
            return .failure(error)
        }
    }

    private enum Condition {
        case whole, damaged
        /// What is open is not what lies in its place.
        case moved
    }

    private func condition() async throws -> Condition {
        do {
            return try await history.isWhole() ? .whole : .damaged
        } catch {
            guard error.code == .moved else { throw error }
            return .moved
        }
    }

    private func mend(_ context: EngineContext) async {
        var backoff = Backoff()
        var isDone = await mendOnce(context)
        while !isDone, await hindrances.rest(backoff.step()) { isDone = await mendOnce(context) }
    }

    /// Whether it is mended.
    private func mendOnce(_ context: EngineContext) async -> Bool {
        do {
            // Many may have met the same damage; the first of them has had it mended.
            try await setAsideIfDamaged()
            if try spool.rebuildMark() != nil { _ = try await finish(context) }
            return true
        } catch {
            logger.debug("the history cannot be mended yet: \(error)")
            return false
        }
    }

    private func setAsideIfDamaged() async throws {
        guard isDamaged.withLock({ $0 }) else { return }
        try await setAside(nil)
    }

    private func finish(_ context: EngineContext) async throws -> HistoryRebuild.Summary {
        guard let mark = try spool.rebuildMark() else { return HistoryRebuild.Summary() }
        let summary = try await HistoryRebuild(context: context, mark: mark).run()
        try spool.removeRebuildMark()
        unsure.withLock { $0 = nil }
        hindrances.end(.rebuilding)
        logger.notice("the history is rebuilt: \(summary)")
        return summary
    }
}

/// What is read and set outside of the actor, too.
private final class Guarded<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        value.withLock { body(&$0) }
    }
}
