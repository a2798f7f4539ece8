internal import GRDB

/// The ways to an answer, see `HistorySearch`.
struct HistoryPlan {
    let db: Database
    let conditions: HistoryConditions
    let order: HistoryOrder
    let limit: Int
    let kinds: [SQLPart]
    let kindCount: Int64
    let choices: [HistoryChoice]

    /// Which index is gone through.
    enum Way {
        case time
        case kind
        case choice(HistoryChoice)
    }

    /// The postings of a way: where they are, and what their columns are called.
    private struct Postings {
        let from: String
        /// Joined where a row of a run is needed and the postings are none.
        var join = ""
        var row = "p"
        var id = "p.id"
        var key: String?
        var ids: [Int64] = []
        var column: HistoryChoice.Column?

        init(_ way: Way) {
            switch way {
            case .time: from = "run AS p INDEXED BY run_by_time"
            case .kind: from = "run AS p INDEXED BY run_by_kind"
            case .choice(let choice):
                key = "p.\(choice.column.rawValue)"
                ids = choice.ids ?? []
                column = choice.column
                switch choice.column {
                case .job: from = "run AS p INDEXED BY run_by_job"
                case .reason: from = "run AS p INDEXED BY run_by_reason"
                case .label:
                    from = "run_label AS p"
                    join = " CROSS JOIN run AS r ON r.id = p.run"
                    row = "r"
                    id = "p.run"
                }
            }
        }
    }

    /// Goes through all postings of a way. Along the time they come in the order that is wanted, and it ends with the page.
    func all(along way: Way) throws -> [HistorySearch.Hit] {
        let postings = Postings(way)
        var parts: [SQLPart] = []
        if case .choice(let choice) = way, choice.ids == nil, let key = postings.key, let subquery = choice.subquery {
            parts.append(SQLPart("\(key) IN (") + subquery + ")")
        } else if let key = postings.key {
            parts.append(SQLPart(key, ids: postings.ids))
        }
        // `+`: else an index that has the kind second would be entered once for each pair of a choice and a kind.
        let kind = if case .kind = way { "p.kind" } else { "+p.kind" }
        if !kinds.isEmpty { parts.append(SQLPart("\(kind) IN (SELECT id FROM kind") + .whereAll(kinds) + ")") }
        parts += time
        parts += order.behind("p.submitted_at", postings.id)
        let checks = rowChecks(postings, isRepeated: false)
        let join = checks.isEmpty ? "" : postings.join
        let query =
            SQLPart("SELECT \(postings.id), p.submitted_at FROM \(postings.from)\(join)") + .whereAll(parts + checks)
            + order.by("p.submitted_at", postings.id) + " LIMIT \(limit)"
        return try hits(query)
    }

    /// Looks at the first so many runs in the order of time, of those with a reason if one is asked for.
    func probed(_ count: Int) throws -> [HistorySearch.Hit] {
        let hasReason = choices.contains { $0.column == .reason }
        let conditions = self.conditions.time("submitted_at") + order.behind("submitted_at", "id")
        let first =
            SQLPart(
                "SELECT id, submitted_at, kind, job, wall_ms\(hasReason ? ", reason" : "") FROM run INDEXED BY "
                    + (hasReason ? "run_by_reason_time" : "run_by_time"))
            + .whereAll(conditions + (hasReason ? [SQLPart("reason IS NOT NULL")] : []))
            + order.by("submitted_at", "id") + " LIMIT \(count)"
        let kind = kinds.isEmpty ? [] : [SQLPart("p.kind IN (SELECT id FROM kind") + .whereAll(kinds) + ")"]
        let query =
            SQLPart("SELECT p.id, p.submitted_at FROM (") + first + SQLPart(") AS p")
            + .whereAll(kind + rowChecks(Postings(.time), isRepeated: false)) + " LIMIT \(limit)"
        return try hits(query)
    }

    /// Merges the streams of a way.
    func merged(along way: Way) throws -> [HistorySearch.Hit] {
        let postings = Postings(way)
        let checks = rowChecks(postings, isRepeated: true)
        var parts = [SQLPart("p.kind = ?")]
        if let key = postings.key { parts.insert(SQLPart("\(key) = ?"), at: 0) }
        parts.append(SQLPart(order.isAscending ? "p.submitted_at <= ?" : "p.submitted_at >= ?"))
        let free = time + order.behind("p.submitted_at", postings.id) + checks
        let query =
            SQLPart("SELECT p.submitted_at, \(postings.id) FROM \(postings.from)\(checks.isEmpty ? "" : postings.join)")
            + .whereAll(parts + free) + order.by("p.submitted_at", postings.id) + " LIMIT \(limit)"
        let statement = try db.makeStatement(sql: query.sql)
        var merge = HistoryMerge(order: order, limit: limit)
        let streams = try streams(postings)
        while let stream = try streams.next() {
            guard let kind = stream.number(1), let top = stream.number(2) else { continue }
            // They come in the order of their first runs: no other can have one that is wanted.
            if merge.excludes(top) { break }
            let key: [DatabaseValue] = postings.key == nil ? [] : [stream[0]]
            let values = key + [.of(kind), .of(merge.threshold)] + free.flatMap(\.arguments)
            let rows = try Row.fetchCursor(statement, arguments: StatementArguments(values))
            while let row = try rows.next() { if let at = row.number(0), let id = row.number(1) { merge.add(at, id) } }
        }
        return merge.finished().map { HistorySearch.Hit(id: $0.id, value: .of($0.at)) }
    }

    /// In an order that is not that of the submission: everything is looked at, unless an index has the order.
    func sorted(by key: HistorySort.Key) throws -> [HistorySearch.Hit] {
        var parts = kinds
        parts += conditions.time("run.submitted_at")
        parts += order.behind(key.sql, "run.id")
        parts += (conditions.wall("run") + choices.map { $0.condition("run", isRepeated: false) })
        let from =
            key.isIndexed
            ? "run CROSS JOIN kind ON kind.id = run.kind CROSS JOIN job ON job.id = run.job"
            : "run JOIN kind ON kind.id = run.kind JOIN job ON job.id = run.job"
        let query =
            SQLPart("SELECT run.id, \(key.sql) FROM \(from)") + .whereAll(parts) + order.by(key.sql, "run.id")
            + " LIMIT \(limit)"
        return try hits(query)
    }

    /// Pairs of what is chosen and a kind, in the order of their first runs: those there are, or some more.
    private func streams(_ postings: Postings) throws -> RowCursor {
        var existing = choices.filter { $0.column != postings.column || postings.key == nil }.compactMap {
            $0.existence(kind: "kind.id")
        }
        if postings.column == .label { existing += otherLabels(postings) }
        let last = order.isAscending ? "min" : "max"
        let bounds = time + order.behind("p.submitted_at", postings.id).prefix(1)
        let kindsOf = SQLPart("FROM kind") + .whereAll(kinds + existing)
        let query: SQLPart
        if let key = postings.key {
            let top =
                SQLPart(
                    "(SELECT \(last)(p.submitted_at) FROM \(postings.from) WHERE \(key) = pair.chosen AND p.kind = pair.kind"
                )
                + (bounds.isEmpty ? SQLPart("") : SQLPart(" AND ") + .all(bounds)) + ")"
            let chosen = postings.ids.map { "(\($0))" }.joined(separator: ", ")
            var pair: SQLPart
            if !kinds.isEmpty, kindCount * Int64(postings.ids.count) <= 5000 {
                pair =
                    SQLPart(
                        "WITH chosen (id) AS (VALUES \(chosen)), pair (chosen, kind) AS (SELECT chosen.id, kind.id FROM chosen, kind"
                    )
                    + .whereAll(kinds + existing) + ")"
            } else {
                // From kind to kind along the index.
                let next = "SELECT min(p.kind) FROM \(postings.from) WHERE \(key)"
                pair = SQLPart(
                    """
                    WITH RECURSIVE chosen (id) AS (VALUES \(chosen)), step (chosen, kind) AS (
                        SELECT chosen.id, (\(next) = chosen.id) FROM chosen
                        UNION ALL SELECT chosen, (\(next) = step.chosen AND p.kind > step.kind) FROM step WHERE kind IS NOT NULL),
                    pair (chosen, kind) AS (SELECT chosen, kind FROM step WHERE kind IS NOT NULL
                    """)
                if !(kinds + existing).isEmpty {
                    pair = pair + SQLPart(" AND kind IN (SELECT kind.id ") + kindsOf + ")"
                }
                pair = pair + ")"
            }
            query = pair + SQLPart(" SELECT chosen, kind, ") + top + " AS top FROM pair WHERE top IS NOT NULL"
        } else if bounds.isEmpty, !order.isAscending {
            query = SQLPart("SELECT NULL, id, newest AS top ") + kindsOf
        } else {
            let top =
                SQLPart("(SELECT \(last)(p.submitted_at) FROM \(postings.from) WHERE p.kind = kind.id")
                + (bounds.isEmpty ? SQLPart("") : SQLPart(" AND ") + .all(bounds)) + ")"
            let all = SQLPart("SELECT NULL AS chosen, id AS kind, ") + top + SQLPart(" AS top ") + kindsOf
            query = SQLPart("SELECT * FROM (") + all + ") WHERE top IS NOT NULL"
        }
        let ordered = query + " ORDER BY top \(order.direction)"
        return try Row.fetchCursor(db, sql: ordered.sql, arguments: StatementArguments(ordered.arguments))
    }

    /// Of several labels one is the way, the others can tell which kinds to leave out.
    private func otherLabels(_ postings: Postings) -> [SQLPart] {
        choices.filter { $0.column == .label && $0.ids != postings.ids }.compactMap { $0.existence(kind: "kind.id") }
    }

    private var time: [SQLPart] { conditions.time("p.submitted_at") }

    /// Whether what is asked for cannot be told from a kind and the choice of a way alone.
    func looksAtRuns(along way: Way) -> Bool { !rowChecks(Postings(way), isRepeated: true).isEmpty }

    /// What the postings of a way do not imply.
    private func rowChecks(_ postings: Postings, isRepeated: Bool) -> [SQLPart] {
        let others = choices.filter { $0.column != postings.column || $0.ids != postings.ids }
        return conditions.wall(postings.row) + others.map { $0.condition(postings.row, isRepeated: isRepeated) }
    }

    private func hits(_ query: SQLPart) throws -> [HistorySearch.Hit] {
        try Row.fetchAll(db, sql: query.sql, arguments: StatementArguments(query.arguments)).compactMap { row in
            row.number(0).map { HistorySearch.Hit(id: $0, value: row[1]) }
        }
    }
}
