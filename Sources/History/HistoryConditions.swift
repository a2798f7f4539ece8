internal import GRDB
internal import Runs

/// What a filter asks of the columns that kinds and the indexes of runs have.
struct HistoryConditions {
    let filter: HistoryFilter

    /// On the table `kind`.
    var kind: [SQLPart] {
        var parts = [
            SQLPart("kind.queue", in: filter.queues.map { .of($0.description) }),
            SQLPart("kind.state", in: filter.states.map { .of($0.rawValue) }),
            SQLPart("kind.owner", in: filter.owners.map { .of($0) }),
            SQLPart("kind.runtime", in: filter.runtimes.map { .of($0) }),
        ].compactMap(\.self)
        if !filter.exitCodes.isEmpty {
            parts.append(
                .any(
                    filter.exitCodes.map {
                        SQLPart("kind.exit_code BETWEEN ? AND ?", [.of($0.lowerBound), .of($0.upperBound)])
                    }))
        }
        if let longer = filter.longerThan {
            parts.append(SQLPart("kind.duration >= ?", [.of(DurationRange.of(longer))]))
        }
        if let shorter = filter.shorterThan {
            parts.append(SQLPart("kind.duration <= ?", [.of(DurationRange.of(max(.min + 1, shorter) - 1))]))
        }
        return parts
    }

    /// On the durations of the runs themselves, where the ranges of the kinds do not say it all.
    func wall(_ row: String) -> [SQLPart] {
        var parts: [SQLPart] = []
        if let longer = filter.longerThan, !DurationRange.bounds.contains(longer) {
            parts.append(SQLPart("\(row).wall_ms >= ?", [.of(longer)]))
        }
        if let shorter = filter.shorterThan, !DurationRange.bounds.contains(shorter) {
            parts.append(SQLPart("\(row).wall_ms < ?", [.of(shorter)]))
        }
        return parts
    }

    func time(_ column: String) -> [SQLPart] {
        var parts: [SQLPart] = []
        if let since = filter.since { parts.append(SQLPart("\(column) >= ?", [.of(since.milliseconds)])) }
        if let until = filter.until { parts.append(SQLPart("\(column) < ?", [.of(until.milliseconds)])) }
        return parts
    }
}
