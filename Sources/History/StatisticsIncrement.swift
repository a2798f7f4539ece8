internal import GRDB
internal import Runs

/// What runs of one transaction add to the daily sums.
struct StatisticsIncrement {
    private struct Key: Hashable {
        var day: Int64
        var state: RunState
        var queue: QueueName?
        var owner: TextKey?
        var name: BundleName?
    }

    private struct Sums {
        var owner = ""
        var runs: Int64 = 0
        var wall: Int64 = 0
        var cpu: Int64 = 0
        var wait: Int64 = 0

        /// One run; the time of all its attempts was spent.
        mutating func add(_ record: HistoryRecord) {
            runs += 1
            for status in record.earlier + [record.status] { addTimes(status) }
        }

        private mutating func addTimes(_ status: RunStatus) {
            wall = wall.addingWithin(status.wallMilliseconds)
            cpu = cpu.addingWithin(status.cpuMilliseconds)
            wait = wait.addingWithin(status.waitMilliseconds)
        }
    }

    private var sums: [Key: Sums] = [:]

    mutating func add(_ record: HistoryRecord) {
        let status = record.status
        let day = UTCDay(status.finishedAt ?? status.submittedAt).number
        let owner = TextKey(status.owner)
        let keys = [
            Key(day: day, state: status.state),
            Key(day: day, state: status.state, queue: status.queue, owner: owner),
            Key(day: day, state: status.state, queue: status.queue, owner: owner, name: status.name),
        ]
        for key in keys { sums[key, default: Sums(owner: status.owner)].add(record) }
    }

    func write(_ db: Database) throws {
        for (key, sum) in sums {
            var columns = "day, state"
            var values: [DatabaseValue] = [.of(key.day), .of(key.state.rawValue)]
            if let queue = key.queue {
                columns += ", queue, owner"
                values += [.of(queue.description), .of(sum.owner)]
            }
            if let name = key.name {
                columns += ", name"
                values.append(.of(name.description))
            }
            let table =
                key.name != nil ? "statistics" : key.queue != nil ? "statistics_by_queue_owner" : "statistics_by_day"
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO \(table) (\(columns), runs, wall_ms, cpu_ms, wait_ms)
                    VALUES (\(values.map { _ in "?, " }.joined())?, ?, ?, ?) ON CONFLICT (\(columns)) DO UPDATE SET
                        runs = runs + excluded.runs, wall_ms = wall_ms + excluded.wall_ms,
                        cpu_ms = cpu_ms + excluded.cpu_ms, wait_ms = wait_ms + excluded.wait_ms
                    """)
            values += [.of(sum.runs), .of(sum.wall), .of(sum.cpu), .of(sum.wait)]
            try statement.execute(arguments: StatementArguments(values))
        }
    }
}

extension Int64 {
    /// A sum of what clocks said: never negative, and at most eight years a run, so that ten million of them can be added.
    fileprivate func addingWithin(_ other: Int64?) -> Int64 { self + Swift.min(Swift.max(other ?? 0, 0), 1 << 38) }
}
