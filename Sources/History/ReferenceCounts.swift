internal import GRDB

/// How many more, or fewer, runs refer to rows of the tables that runs share; and what becomes of those that nobody refers
/// to any more.
struct ReferenceCounts {
    enum Table: String, CaseIterable {
        case kind, job, reason, text, label
    }

    private struct Change {
        var runs: Int64 = 0
        var newest = Int64.min

        mutating func add(_ newest: Int64) {
            runs += 1
            self.newest = max(self.newest, newest)
        }
    }

    private var changes: [Table: [Int64: Change]] = [:]

    mutating func add(_ table: Table, _ id: Int64, newest: Int64) {
        changes[table, default: [:]][id, default: Change()].add(newest)
    }

    mutating func remove(_ table: Table, _ id: Int64) {
        changes[table, default: [:]][id, default: Change()].runs -= 1
    }

    func write(_ db: Database) throws {
        for table in Table.allCases {
            guard let changed = changes[table] else { continue }
            let update = try db.cachedStatement(
                sql: "UPDATE \(table.rawValue) SET runs = runs + ?, newest = max(newest, ?) WHERE id = ? RETURNING runs"
            )
            // In the order of the rows, so that each page is changed once.
            for (id, change) in changed.sorted(by: { $0.key < $1.key }) {
                let left = try Int64.fetchOne(update, arguments: [change.runs, change.newest, id])
                if let left, left <= 0 { try drop(table, id, db) }
            }
        }
    }

    private func drop(_ table: Table, _ id: Int64, _ db: Database) throws {
        // The full-text tables have no copy of the text: they must be told what to forget before it is gone.
        let index: (name: String, column: String)? =
            switch table {
            case .job: ("job_name", "name")
            case .reason: ("reason_body", "body")
            case .kind, .text, .label: nil
            }
        if let index {
            let forget = try db.cachedStatement(
                sql: """
                    INSERT INTO \(index.name) (\(index.name), rowid, \(index.column))
                    SELECT 'delete', id, \(index.column) FROM \(table.rawValue) WHERE id = ?
                    """)
            try forget.execute(arguments: [id])
        }
        try db.cachedStatement(sql: "DELETE FROM \(table.rawValue) WHERE id = ?").execute(arguments: [id])
    }
}
