internal import GRDB

/// A piece of SQL, and what its question marks stand for.
struct SQLPart {
    var sql: String
    var arguments: [DatabaseValue]

    init(_ sql: String, _ arguments: [DatabaseValue] = []) {
        self.sql = sql
        self.arguments = arguments
    }

    /// `column IN (?, ?)`; nil for no values.
    init?(_ column: String, in values: [DatabaseValue]) {
        if values.isEmpty { return nil }
        self.init("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))", values)
    }

    /// `column IN (1, 2)`.
    init(_ column: String, ids: [Int64]) {
        self.init("\(column) IN (\(ids.map { "\($0)" }.joined(separator: ", ")))")
    }

    static func + (left: SQLPart, right: SQLPart) -> SQLPart {
        SQLPart(left.sql + right.sql, left.arguments + right.arguments)
    }

    static func + (left: SQLPart, right: String) -> SQLPart { SQLPart(left.sql + right, left.arguments) }

    /// ` WHERE … AND …`; nothing for no conditions.
    static func whereAll(_ conditions: [SQLPart]) -> SQLPart {
        conditions.isEmpty ? SQLPart("") : SQLPart(" WHERE ") + all(conditions)
    }

    static func all(_ conditions: [SQLPart]) -> SQLPart { joined(conditions, " AND ") }

    static func any(_ conditions: [SQLPart]) -> SQLPart { SQLPart("(") + joined(conditions, " OR ") + ")" }

    private static func joined(_ parts: [SQLPart], _ separator: String) -> SQLPart {
        SQLPart(parts.map(\.sql).joined(separator: separator), parts.flatMap(\.arguments))
    }
}
