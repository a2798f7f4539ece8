internal import Bundles
internal import History
internal import Runs

/// Rows of the history: in transactions of a hundred, between which runs are remembered.
extension Sweep {
    /// Rows removed in one transaction: few, since what a run's end adds waits for it.
    private static let rows = 100
    /// Pages given back to the filesystem in one step: a mebibyte.
    private static let pages = 256

    func sweepHistory(_ totals: inout SweepTotals) async throws {
        let retention = settings.retention
        let before = retention.historyAge.map(cutoff)
        // In two steps, so that each row has one reason.
        if let age = retention.historyAge {
            try await forget(.runs, "\(SweepReason.age("history.age", age))", &totals) { history, limit in
                try await history.forgetRuns(finishedBefore: before, keepingNewest: nil, limit: limit)
            } count: {
                try await $0.forgettable(finishedBefore: before, keepingNewest: nil)
            }
        }
        if let most = retention.historyRows {
            let aged =
                isDry && before != nil
                ? try await context.history.forgettable(finishedBefore: before, keepingNewest: nil) : 0
            try await forget(.runs, "beyond \(most) runs (history.max_rows)", &totals) { history, limit in
                try await history.forgetRuns(finishedBefore: nil, keepingNewest: most, limit: limit)
            } count: {
                // Those that their age would have taken before are none of these.
                max(0, try await $0.forgettable(finishedBefore: before, keepingNewest: most) - aged)
            }
        }
        if let age = retention.statisticsAge {
            let reason = "\(SweepReason.age("statistics.age", age))"
            let before = cutoff(age)
            try await forget(.statistics, reason, &totals) {
                try await $0.forgetStatistics(before: before, limit: $1)
            } count: {
                try await $0.forgettableStatistics(before: before)
            }
            try await forget(.audit, reason, &totals) {
                try await $0.forgetAudit(before: before, limit: $1)
            } count: {
                try await $0.forgettableAudit(before: before)
            }
        }
        if isDry { return }
        while try await context.history.vacuum(pages: Self.pages) {
            try await pace.rest(after: SuspendingClock.now - .milliseconds(1))
        }
    }

    private func cutoff(_ age: Int64) -> Timestamp { Timestamp(milliseconds: now.milliseconds - age) }

    private func forget(
        _ kind: SweepLine.Kind, _ reason: String, _ totals: inout SweepTotals,
        _ step: (HistoryWriter, Int) async throws -> Int,
        count: (HistoryWriter) async throws -> Int64
    ) async throws {
        var forgotten: Int64 = 0
        if isDry {
            forgotten = try await count(context.history)
        } else {
            while true {
                let begun = SuspendingClock.now
                let removed = try await step(context.history, Self.rows)
                if removed == 0 { break }
                forgotten += Int64(removed)
                try await pace.rest(after: begun)
            }
        }
        if forgotten == 0 { return }
        let line = SweepLine(kind: kind, count: forgotten, reason: reason)
        totals.add(line)
        try await tell(line)
    }
}
