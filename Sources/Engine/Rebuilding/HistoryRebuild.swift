// Three sources, the best first; a run that one of them gave is not asked of the next:
//   what can be read of the damaged file;
//   state/archive/RUN/run.json, Bobbin's own record of a run that was accepted;
//   the results in the outbox, which users may have changed: what says who and what a run was is taken from where its directory
//   lies and whom it belongs to, the rest from its status.json as it stands.
// Runs that are unfinished, or not remembered yet, are in state/runs, and are remembered like any other.

internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Spool
internal import SystemPackage

/// Brings back into the history what it lacks.
struct HistoryRebuild: Sendable {
    /// Where runs came from.
    struct Summary: Sendable, CustomStringConvertible {
        var salvaged = 0
        var archived = 0
        var published = 0
        /// Nil: there was no damaged file.
        var lost: Int64?

        var description: String {
            let parts = ["\(archived) runs from the archive", "\(published) from the outbox"]
            guard let lost else { return parts.joined(separator: ", ") }
            let unread = lost > 0 ? " (\(lost) could not be read)" : ""
            return "\(salvaged) runs from the damaged file\(unread), " + parts.joined(separator: ", ")
        }
    }

    let context: EngineContext
    let mark: RebuildMark
    /// Runs looked at, and written, at a time.
    private static let batch = 200
    /// How long before its history began a run id may have been made: who chose it could not know that.
    private static let day: Int64 = 86_400_000

    func run() async throws -> Summary {
        var summary = Summary()
        var memory: HistoryMemory?
        if let aside = mark.aside { memory = try await salvage(aside, &summary) }
        let forgotten = try await context.history.memory().forgottenUntil
        summary.archived = try await add(archivedRuns(), notBefore: forgotten) { run in
            (try? context.spool.archivedRun(run).readRecord()).flatMap { $0.flatMap { HistoryRecord($0) } }
        }
        let results = PublishedResults(context: context)
        let published = try results.all()
        summary.published = try await add(Array(published.keys), notBefore: forgotten) { run in
            guard let place = published[run] else { return nil }
            return await results.record(run, place)
        }
        if mark.isAnew {
            try await context.history.raiseClaim(to: mark.claim)
            try await context.history.setMemory(memory ?? incompleteMemory)
        }
        return summary
    }

    /// If not every id that was used is known, those are refused that the archive does not answer for.
    private var incompleteMemory: HistoryMemory {
        let settings = context.settings.value
        let ages = ([settings.retention.archive] + settings.queues.values.compactMap { $0.retention?.archive }).flatMap
        {
            [$0.age, $0.failedAge].compactMap(\.self)
        }
        let kept = ages.min() ?? Self.day
        let answered = kept < Self.day ? Timestamp(milliseconds: mark.at.milliseconds - kept) : nil
        return HistoryMemory(since: mark.at, forgottenUntil: answered)
    }

    /// Takes over what the damaged file still gives. What it knew of its memory comes back if all of it did.
    private func salvage(_ aside: String, _ summary: inout Summary) async throws -> HistoryMemory? {
        summary.lost = 0
        let path = String(context.history.path.dropLast(SpoolLayout.database.description.count)) + aside
        let salvage: HistorySalvage
        do {
            salvage = try HistorySalvage(path: path)
        } catch {
            context.logger.error("nothing can be read of history/\(aside): \(error)")
            return nil
        }
        while let records = try await Self.page(of: salvage) {
            if context.hindrances.isStopping { throw CancellationError() }
            summary.salvaged += try await write(records)
        }
        summary.lost = salvage.lost
        let unread = try await context.history.takeSums(from: path)
        if !unread.isEmpty {
            context.logger.error("of history/\(aside) these cannot be read: \(unread.joined(separator: ", "))")
        }
        return salvage.isComplete ? salvage.memory : nil
    }

    /// Read on a thread of its own, which ends with it.
    private static func page(of salvage: HistorySalvage) async throws -> [HistoryRecord]? {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try DedicatedThread.start("salvage", stackSize: 2 << 20) {
                    continuation.resume(returning: salvage.next())
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func archivedRuns() throws(Errno) -> [RunID] {
        try context.spool.archive.entries().compactMap { RunID(bytes: $0.name.bytes) }.sorted()
    }

    /// Adds those of the runs that are not known, and not forgotten on purpose either.
    private func add(
        _ runs: [RunID], notBefore forgotten: Timestamp?, _ read: (RunID) async -> HistoryRecord?
    ) async throws -> Int {
        var added = 0
        for start in stride(from: 0, to: runs.count, by: Self.batch) {
            if context.hindrances.isStopping { throw CancellationError() }
            let batch = runs[start..<min(start + Self.batch, runs.count)].filter { run in
                forgotten.map { run.time > $0 } ?? true
            }
            let known = try await context.history.knows(batch)
            var records: [HistoryRecord] = []
            for run in batch where known[run] == nil && !context.spool.runs.has(EntryName(run.description)) {
                if let record = await read(run) { records.append(record) }
            }
            added += try await write(records)
        }
        return added
    }

    /// How many were not known.
    private func write(_ records: [HistoryRecord]) async throws -> Int {
        if records.isEmpty { return 0 }
        let before = try await context.history.rowCount()
        try await context.history.record(records)
        return Int(try await context.history.rowCount() - before)
    }
}
