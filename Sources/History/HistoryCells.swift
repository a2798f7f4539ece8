internal import FoundationEssentials
internal import GRDB
internal import Runs

/// Goes through the cells of a row; GRDB's own conversions would trap on a value of the wrong kind.
struct HistoryCells {
    let row: Row
    /// The names of its columns, for messages.
    let columns: [String]
    let path: String
    var run: RunID?
    private var index = 0

    init(row: Row, columns: [String] = HistoryRow.columns, path: String, run: RunID? = nil) {
        self.row = row
        self.columns = columns
        self.path = path
        self.run = run
    }

    mutating func text() throws(HistoryError) -> String? {
        let value = next()
        switch value.storage {
        case .null: return nil
        case .string(let text): return text
        case .blob(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw wrong() }
            return text
        default: throw wrong()
        }
    }

    mutating func number<Number: FixedWidthInteger>() throws(HistoryError) -> Number? {
        let value = next()
        switch value.storage {
        case .null: return nil
        case .int64(let number):
            guard let number = Number(exactly: number) else { throw wrong() }
            return number
        default: throw wrong()
        }
    }

    mutating func required<Value>(_ make: (String) -> Value?) throws(HistoryError) -> Value {
        guard let text = try text(), let value = make(text) else { throw wrong() }
        return value
    }

    mutating func optional<Value>(_ make: (String) -> Value?) throws(HistoryError) -> Value? {
        guard let text = try text() else { return nil }
        guard let value = make(text) else { throw wrong() }
        return value
    }

    mutating func requiredNumber() throws(HistoryError) -> Int64 {
        guard let number: Int64 = try number() else { throw wrong() }
        return number
    }

    mutating func list<Element>(_ make: (String) -> [Element]?) throws(HistoryError) -> [Element] {
        guard let text = try text() else { return [] }
        guard let list = make(text) else { throw wrong() }
        return list
    }

    private mutating func next() -> DatabaseValue {
        defer { index += 1 }
        return row[index]
    }

    private func wrong() -> HistoryError {
        let column = columns[max(0, index - 1)]
        let cause = "run \(run?.description ?? "?"): '\(column)' holds what cannot be there"
        return HistoryError(code: .corrupt, subject: path, cause: cause)
    }
}
