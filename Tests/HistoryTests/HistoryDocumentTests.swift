import Foundation
import GRDB
import History
import Runs
import Testing

/// docs/history.md is what outsiders go by: its views, its columns, its queries.
@Suite struct HistoryDocumentTests {
    private static let document: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "docs/history.md"), encoding: .utf8)) ?? ""
    }()

    /// The columns that the table below a view's heading names, in its order.
    static let documented: [String: [String]] = {
        var views: [String: [String]] = [:]
        var view: String?
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if let heading = line.wholeMatch(of: /### `([a-z_]+)`/) {
                view = String(heading.1)
                views[String(heading.1)] = []
            } else if line.hasPrefix("#") {
                view = nil
            } else if let view, line.hasPrefix("| `"), let cell = line.split(separator: "|").first {
                views[view, default: []] += cell.matches(of: /`([a-z0-9_]+)`/).map { String($0.1) }
            }
        }
        return views
    }()

    static let queries: [String] = document.matches(of: /```sql\n([^`]*)```/).map { String($0.1) }

    private func filled() throws -> (TemporaryHistory, HistoryWriter) {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let now = Timestamp.now().milliseconds
        var records = try (1...6).map {
            try Sample.minimal($0, state: $0 == 2 ? .failed : .succeeded, at: now - $0 * 1000)
        }
        for index in records.indices {
            records[index].status.labels = [Label(key: "team", value: "red")]
            records[index].status.finishedAt = Timestamp(milliseconds: now)
            records[index].status.maxRSSBytes = 1 << 20
            records[index].status.wallMilliseconds = 1500
            records[index].manifest = #"{"limits":{"memory":2097152}}"#
            records[index].status.attempt = 1
        }
        records[0].status.parentRun = records[1].status.run
        var rejected = try Sample.minimal(7, state: .rejected, at: now)
        rejected.status.errors = [BundleError(code: "unknown_key", message: "unknown key 'timout'")]
        try writer.recordBlocking(records + [rejected])
        return (place, writer)
    }

    @Test func viewsHaveTheColumnsThatAreDocumented() throws {
        let (place, writer) = try filled()
        let found = try DatabaseQueue(path: place.path).read { db in
            let views = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view'")
            return try Dictionary(uniqueKeysWithValues: views.map { ($0, try db.columns(in: $0).map(\.name)) })
        }
        #expect(found.mapValues { $0.sorted() } == Self.documented.mapValues { $0.sorted() })
        try writer.close()
    }

    @Test func viewsSayWhatStatusJSONSays() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let record = try Sample.full()
        try writer.recordBlocking([record])
        let row = try #require(
            try DatabaseQueue(path: place.path).read { try Row.fetchOne($0, sql: "SELECT * FROM runs") })
        let text = record.status.json(pretty: false)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let words = try #require(row["own_words"] as String?)
        let said = try #require(try JSONSerialization.jsonObject(with: Data(words.utf8)) as? [String: Any])
        #expect(Set(said.keys).isSubset(of: object.keys) && said.count == 8)
        for (key, value) in object where said[key] == nil {
            let column: DatabaseValue = row[key]
            switch (column.storage, value) {
            case (.blob(let data), let value as String): #expect(data == Data(value.utf8), "\(key)")
            case (.string(let found), let value as String): #expect(found.utf8.elementsEqual(value.utf8), "\(key)")
            case (.string(let found), _): #expect(text.contains("\"\(key)\":\(found)"), "\(key)")
            case (.int64(let found), let value as NSNumber): #expect(found == value.int64Value, "\(key)")
            case (.double(let found), let value as NSNumber): #expect(found == value.doubleValue, "\(key)")
            default: Issue.record("\(key): \(column) is not \(value)")
            }
        }
        #expect(row["submitted_ms"] == record.status.submittedAt.milliseconds)
        #expect(row["account"] == "lab")
        #expect(row["manifest"] == record.manifest)
        #expect(row["result_bytes"] == 8192)
        try writer.close()
    }

    @Test func thereAreTenQueries() { #expect(Self.queries.count == 10) }

    @Test(arguments: queries) func queriesWork(query: String) async throws {
        let (place, writer) = try filled()
        try await writer.audit([
            AuditEntry(at: .now(), uid: 1000, user: "ann", action: .cancel, run: Sample.id(1), outcome: "done")
        ])
        var configuration = Configuration()
        configuration.readonly = true
        let rows = try await DatabaseQueue(path: place.path, configuration: configuration).read { db in
            try Row.fetchAll(db, sql: query).map(\.description)
        }
        #expect(!rows.isEmpty, "\(query)")
    }

    /// Views must leave the indexes of the tables to who restricts by them.
    @Test(arguments: [
        "SELECT run FROM runs ORDER BY submitted_ms DESC LIMIT 5", "SELECT * FROM runs WHERE run = 'x'",
        "SELECT name FROM runs WHERE submitted_ms > 5 AND state = 'failed'",
    ])
    func viewsUseIndexes(query: String) throws {
        let (place, writer) = try filled()
        let plan = try DatabaseQueue(path: place.path).read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(query)").map { $0["detail"] as String }
        }
        #expect(!plan.contains { $0 == "SCAN run" || $0.contains("TEMP B-TREE") }, "\(plan)")
        try writer.close()
    }
}
