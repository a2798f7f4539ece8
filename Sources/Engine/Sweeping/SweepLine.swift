internal import Runs

/// One thing that goes, or would go, as `bobbin sweep` tells it.
struct SweepLine: Sendable, Hashable {
    enum Kind: String, Sendable {
        case result, bundle, environment, stray
        /// Rows of the history.
        case runs, statistics, audit
    }

    let kind: Kind
    /// A path in the spool, for what is a directory or file.
    var path: String?
    var run: RunID?
    var bytes: Int64?
    /// Of rows.
    var count: Int64?
    let reason: String

    func json() -> String {
        var object = JSONWriter()
        object.add("kind", kind.rawValue)
        if let path { object.add("path", path) }
        if let run { object.add("run", run.description) }
        if let bytes { object.add("bytes", bytes) }
        if let count { object.add("count", count) }
        object.add("reason", reason)
        return object.finished()
    }
}

/// How much a sweep took away, or would.
struct SweepTotals: Sendable, Hashable {
    var entries = 0
    var bytes: Int64 = 0
    var rows: Int64 = 0

    mutating func add(_ line: SweepLine) {
        if let count = line.count {
            rows += count
        } else {
            entries += 1
            bytes += line.bytes ?? 0
        }
    }
}
