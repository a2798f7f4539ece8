internal import GRDB
internal import Runs

/// What one filter of many possible values (names, labels, a text in the reason) comes to in this database.
struct HistoryChoice {
    enum Column: String {
        case job, reason, label
    }

    let column: Column
    /// The rows that match, with how many runs; nil if they are more than anybody wants to list.
    let ids: [Int64]?
    let runs: Int64
    /// The same asked of one run, where a list would be long: the run's table follows.
    let check: (String) -> SQLPart
    /// The rows that match as SQL, where they are too many to list.
    var subquery: SQLPart?

    static let most = 2000
    /// So many reasons are read in a few milliseconds.
    private static let manySentences: Int64 = 20_000

    init(_ column: Column, _ found: [(id: Int64, runs: Int64)], check: @escaping (String) -> SQLPart) {
        self.column = column
        ids = found.count > Self.most ? nil : found.map(\.id)
        runs = found.reduce(0) { $0 + $1.runs }
        self.check = check
    }

    /// A condition on a row of a run.
    ///
    /// - Parameter isRepeated: the statement is run many times: a list would be sorted each time.
    func condition(_ row: String, isRepeated: Bool) -> SQLPart {
        guard let ids, !isRepeated || ids.count <= 10 else { return check(row) }
        switch column {
        case .label: return check(row)
        case .job, .reason: return SQLPart("\(row).\(column.rawValue)", ids: ids)
        }
    }

    /// Whether there are such runs of a kind at all; nil where that costs more than it can save.
    func existence(kind: String) -> SQLPart? {
        guard let ids, ids.count <= 5 else { return nil }
        let table = column == .label ? "run_label" : "run"
        return SQLPart(
            "EXISTS (SELECT 1 FROM \(table) AS other WHERE \(SQLPart("other.\(column.rawValue)", ids: ids).sql) AND other.kind = \(kind))"
        )
    }

    static func names(_ filter: HistoryFilter, _ db: Database) throws -> HistoryChoice? {
        if filter.names.isEmpty { return nil }
        let patterns = filter.names.map(NamePattern.init)
        var found: [Int64: Int64] = [:]
        let queue = SQLPart("job.queue", in: filter.queues.map { .of($0.description) })
        for pattern in patterns {
            var conditions = [
                pattern.isExact
                    ? SQLPart("job.name = ?", [.of(pattern.text)]) : SQLPart("job.name GLOB ?", [.of(pattern.glob)])
            ]
            if !pattern.isExact, !pattern.prefix.isEmpty {
                // Every name is ASCII: '~' is behind all of its letters.
                conditions.append(
                    SQLPart("job.name >= ? AND job.name < ?", [.of(pattern.prefix), .of(pattern.prefix + "~")]))
            } else if !pattern.isExact, pattern.longestPiece >= 3 {
                conditions.append(
                    SQLPart(
                        "job.id IN (SELECT rowid FROM job_name WHERE name GLOB ? LIMIT \(most + 1))",
                        [.of(pattern.glob)]))
            }
            // Of many names those of one queue would have to be looked for; its kinds tell them apart as well.
            if pattern.isExact, let queue { conditions.append(queue) }
            for (id, runs) in try rows(SQLPart("SELECT id, runs FROM job") + .whereAll(conditions), db) {
                found[id] = runs
            }
        }
        return HistoryChoice(.job, found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }) { row in
            .any(patterns.map { SQLPart("(SELECT name FROM job WHERE id = \(row).job) GLOB ?", [.of($0.glob)]) })
        }
    }

    static func reason(_ filter: HistoryFilter, _ db: Database) throws -> HistoryChoice? {
        guard let text = filter.reason else { return nil }
        let escaped = text.map { "%_\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        let exact = DatabaseValue.of("%\(escaped)%")
        var conditions = [SQLPart("body LIKE ? ESCAPE '\\'", [exact])]
        // The index takes no ESCAPE: what is escaped may stand for anything there. It pays where there are many sentences.
        let loose = text.map { "%_\\".contains($0) ? "_" : String($0) }.joined()
        let hasPiece = loose.split(separator: "_").contains { $0.unicodeScalars.count >= 3 }
        if hasPiece, try Int64.fetchOne(db, sql: "SELECT max(id) FROM reason") ?? 0 > manySentences {
            conditions.append(SQLPart("id IN (SELECT rowid FROM reason_body WHERE body LIKE ?)", [.of("%\(loose)%")]))
        }
        let found = try rows(SQLPart("SELECT id, runs FROM reason") + .whereAll(conditions), db)
        var choice = HistoryChoice(.reason, found) { row in
            SQLPart("(SELECT body FROM reason WHERE id = \(row).reason) LIKE ? ESCAPE '\\'", [exact])
        }
        choice.subquery = SQLPart("SELECT id FROM reason") + .whereAll(conditions)
        return choice
    }

    static func labels(_ filter: HistoryFilter, _ db: Database) throws -> [HistoryChoice] {
        try LabelKey.all(of: filter.labels).map { label in
            let find = SQLPart("SELECT id, runs FROM label WHERE key = ? AND value = ?", [label.key, label.value])
            let found = try rows(find, db)
            return HistoryChoice(.label, found) { row in
                SQLPart(
                    """
                    EXISTS (SELECT 1 FROM run_label AS other WHERE other.label = \(found.first?.id ?? -1) AND other.kind = \(row).kind
                        AND other.submitted_at = \(row).submitted_at AND other.run = \(row).id)
                    """)
            }
        }
    }

    private static func rows(_ part: SQLPart, _ db: Database) throws -> [(id: Int64, runs: Int64)] {
        let rows = try Row.fetchCursor(
            db, sql: part.sql + " LIMIT \(most + 1)", arguments: StatementArguments(part.arguments))
        var found: [(Int64, Int64)] = []
        while let row = try rows.next() { found.append((row.number(0) ?? 0, max(0, row.number(1) ?? 0))) }
        return found
    }
}
