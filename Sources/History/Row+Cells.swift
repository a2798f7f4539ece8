internal import GRDB

extension Row {
    /// A whole number, or nil for whatever else stands there: GRDB's subscripts would trap on it.
    func number(_ index: Int) -> Int64? { Int64.fromDatabaseValue(self[index] as DatabaseValue) }

    /// A text, or nil for whatever else stands there. One with a NUL is a blob, see `DatabaseValue.of`.
    func text(_ index: Int) -> String? {
        switch (self[index] as DatabaseValue).storage {
        case .string(let text): text
        case .blob(let bytes): String(validating: bytes, as: UTF8.self)
        default: nil
        }
    }
}
