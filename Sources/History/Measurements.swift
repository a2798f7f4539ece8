internal import GRDB
internal import Runs

/// What a run, and each of its attempts, was measured by: columns of both tables, always together and in this order.
enum Measurements {
    static func values(_ status: RunStatus) -> [DatabaseValue] {
        [
            .of(status.startedAt?.milliseconds), .of(status.finishedAt?.milliseconds), .of(status.waitMilliseconds),
            .of(status.wallMilliseconds), .of(status.cpuMilliseconds), .of(status.maxRSSBytes),
            .of(status.stdoutBytes), .of(status.stderrBytes), .of(status.truncated.map { $0 ? 1 : 0 }),
        ]
    }

    /// Takes the next nine cells.
    static func read(_ cells: inout HistoryCells, into status: inout RunStatus) throws(HistoryError) {
        status.startedAt = try cells.number().map(Timestamp.init(milliseconds:))
        status.finishedAt = try cells.number().map(Timestamp.init(milliseconds:))
        status.waitMilliseconds = try cells.number()
        status.wallMilliseconds = try cells.number()
        status.cpuMilliseconds = try cells.number()
        status.maxRSSBytes = try cells.number()
        status.stdoutBytes = try cells.number()
        status.stderrBytes = try cells.number()
        status.truncated = try cells.number().map { (number: Int) in number != 0 }
    }
}
