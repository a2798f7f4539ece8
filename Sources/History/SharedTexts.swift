internal import GRDB

/// Texts that many runs share, each once in a table. Within one transaction: what it remembers does not survive a rollback.
struct SharedTexts {
    let table: String
    /// The full-text table over it.
    let index: String?
    let seed: Int64
    private var ids: [TextKey: Int64] = [:]

    init(table: String, index: String?, seed: Int64) {
        self.table = table
        self.index = index
        self.seed = seed
    }

    /// The number of a text, which is added if it is new, with no run that counts.
    mutating func id(of text: String?, _ db: Database) throws -> Int64? {
        guard let text else { return nil }
        let key = TextKey(text)
        if let id = ids[key] { return id }
        let id = try find(key, text, db) ?? add(key, text, db)
        ids[key] = id
        return id
    }

    private func find(_ key: TextKey, _ text: String, _ db: Database) throws -> Int64? {
        let find = try db.cachedStatement(sql: "SELECT id FROM \(table) WHERE hash = ? AND body = ?")
        return try Int64.fetchOne(find, arguments: [key.hash(seed: seed), DatabaseValue.of(text)])
    }

    private func add(_ key: TextKey, _ text: String, _ db: Database) throws -> Int64 {
        let insert = try db.cachedStatement(
            sql: "INSERT INTO \(table) (body, hash, runs, newest) VALUES (?, ?, 0, \(Int64.min))")
        try insert.execute(arguments: [DatabaseValue.of(text), key.hash(seed: seed)])
        let id = db.lastInsertedRowID
        if let index {
            let insert = try db.cachedStatement(sql: "INSERT INTO \(index) (rowid, body) VALUES (?, ?)")
            try insert.execute(arguments: [id, DatabaseValue.of(text)])
        }
        return id
    }
}
