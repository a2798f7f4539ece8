internal import GRDB

/// A place in the order of runs: `id` settles the order of equal values.
struct HistoryPosition {
    let value: DatabaseValue
    let id: Int64
}

/// The order of an answer, as SQL.
struct HistoryOrder {
    let isAscending: Bool
    /// The last run of the page before.
    let after: HistoryPosition?

    var direction: String { isAscending ? "ASC" : "DESC" }

    func by(_ value: String, _ id: String) -> String { " ORDER BY \(value) \(direction), \(id) \(direction)" }

    func behind(_ value: String, _ id: String) -> [SQLPart] {
        guard let after else { return [] }
        let relation = isAscending ? ">" : "<"
        // The first half is what an index can be entered by.
        return [
            SQLPart("\(value) \(relation)= ?", [after.value]),
            SQLPart("(\(value), \(id)) \(relation) (?, ?)", [after.value, .of(after.id)]),
        ]
    }

    /// Whether a moment comes before another in this order.
    func isBefore(_ left: (at: Int64, id: Int64), _ right: (at: Int64, id: Int64)) -> Bool {
        isAscending ? left < right : left > right
    }
}
