import Foundation
import GRDB
import History
import Runs
import Testing

/// Files that earlier versions of the schema left, written by daemons of their time.
@Suite struct HistoryMigrationTests {
    static func old(_ version: Int = 1) throws -> TemporaryHistory {
        let place = try TemporaryHistory()
        let dump = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Old/history-\(version).sql")
        let database = try DatabaseQueue(path: place.path)
        try database.writeWithoutTransaction { try $0.execute(sql: String(contentsOf: dump, encoding: .utf8)) }
        try database.close()
        return place
    }

    @Test func everyRunComesAlong() throws {
        let place = try Self.old()
        let rows = try DatabaseQueue(path: place.path).read {
            try Row.fetchAll($0, sql: "SELECT * FROM run ORDER BY claim")
        }
        let writer = try HistoryWriter(path: place.path)
        #expect(try writer.pragma("user_version") == "4")
        #expect(try writer.pragma("auto_vacuum") == "2")
        let records = try HistoryReader(path: place.path).records().sorted { $0.claim < $1.claim }
        try #require(records.count == rows.count && rows.count == 8)
        for (record, row) in zip(records, rows) {
            let status = record.status
            #expect(status.run.description == row["run"])
            #expect(status.name.description == row["name"])
            #expect(status.queue.description == row["queue"])
            #expect(status.state.rawValue == row["state"])
            #expect(status.exitCode.map(Int64.init) == row["exit_code"])
            #expect(status.signal == row["signal"])
            #expect(status.owner == row["owner"])
            #expect(record.account == row["account"])
            #expect(record.priority == row["priority"])
            #expect(status.attempt == row["attempt"])
            #expect(status.submittedAt.milliseconds == row["submitted_at"])
            #expect(status.startedAt?.milliseconds == row["started_at"])
            #expect(status.finishedAt?.milliseconds == row["finished_at"])
            #expect(status.waitMilliseconds == row["wait_ms"])
            #expect(status.wallMilliseconds == row["wall_ms"])
            #expect(status.cpuMilliseconds == row["cpu_ms"])
            #expect(status.maxRSSBytes == row["max_rss_bytes"])
            #expect(status.stdoutBytes == row["stdout_bytes"])
            #expect(status.runtime == row["runtime"])
            #expect(status.title == row["title"])
            #expect(status.reason == row["reason"])
            #expect(record.manifest == row["manifest"])
            #expect(record.resultBytes == nil && status.parentRun == nil)
            let text = status.json(pretty: false)
            for key in ["labels", "errors", "enforced", "dropped_files"] {
                if let json = row[key] as String? { #expect(text.contains("\"\(key)\":\(json)")) }
            }
        }
        #expect(records[5].status.labels.map(\.key) == ["team", "month"])
        #expect(records[5].account == "lab")
    }

    @Test func itIsCountedOnce() async throws {
        let place = try Self.old()
        try HistoryWriter(path: place.path).close()
        let writer = try HistoryWriter(path: place.path)
        #expect(try await writer.rowCount() == 8)
        #expect(try writer.lastClaimBlocking() == 8)
        #expect(
            try await writer.memory()
                == HistoryMemory(since: Timestamp(milliseconds: 1_795_714_666_691), forgottenUntil: nil))
        let sums = try DatabaseQueue(path: place.path).read { db in
            try ["statistics", "statistics_by_queue_owner", "statistics_by_day"].map {
                try Row.fetchOne(db, sql: "SELECT sum(runs), sum(wall_ms), sum(cpu_ms), sum(wait_ms) FROM \($0)")
            }
        }
        for sum in sums { #expect(sum.map { Array($0.databaseValues) } == [8, 7556, 64, 1155].map(\.databaseValue)) }
        let a = try #require(BundleName("a"))
        #expect(try HistoryReader(path: place.path).latest(name: a)?.claim == 8)
    }

    /// A file made new and one brought up to date have the same form.
    @Test(arguments: 1...2) func theFormIsThatOfANewOne(_ version: Int) throws {
        let old = try Self.old(version)
        let new = try TemporaryHistory()
        let forms = try [old, new].map { place in
            try HistoryWriter(path: place.path).close()
            return try DatabaseQueue(path: place.path).read { db in
                try String.fetchAll(db, sql: "SELECT ifnull(sql, '') FROM sqlite_master ORDER BY type, name")
            }
        }
        #expect(forms[0] == forms[1])
    }

    @Test func version2ComesAlongAsItIs() throws {
        let place = try Self.old(2)
        let before = try DatabaseQueue(path: place.path).read {
            try Row.fetchAll($0, sql: "SELECT * FROM runs ORDER BY claim")
        }
        try #require(before.count == 12)
        let writer = try HistoryWriter(path: place.path)
        #expect(try writer.pragma("user_version") == "4")
        try writer.close()
        let after = try DatabaseQueue(path: place.path).read {
            (
                try Row.fetchAll($0, sql: "SELECT * FROM runs ORDER BY claim"),
                try Int.fetchOne($0, sql: "SELECT count(*) FROM attempts")
            )
        }
        #expect(after.0.map(Self.asBefore) == before.map(Self.asBefore))
        #expect(after.1 == before.count { $0["attempt"] != nil })
        var filter = HistoryFilter()
        filter.states = [.failed]
        #expect(try HistoryReader(path: place.path).records(filter).count == 2)
    }

    @Test func version3ComesAlongAsItIs() async throws {
        let place = try Self.old(3)
        let before = try DatabaseQueue(path: place.path).read {
            try Row.fetchAll($0, sql: "SELECT * FROM runs ORDER BY claim")
        }
        try #require(before.count == 5)
        let writer = try HistoryWriter(path: place.path)
        let after = try DatabaseQueue(path: place.path).read {
            try Row.fetchAll($0, sql: "SELECT * FROM runs ORDER BY claim")
        }
        #expect(after.map(Self.asBefore) == before.map(Self.asBefore))
        #expect(try await writer.checkpointKeys().isEmpty)
        try await writer.record([try Sample.full()])
        #expect(try HistoryReader(path: place.path).records().count == 6)
    }

    /// Without the columns that later versions added to the view.
    private static func asBefore(_ row: Row) -> [String: DatabaseValue] {
        Dictionary(uniqueKeysWithValues: row.filter { $0.0 != "own_words" }.map { ($0.0, $0.1) })
    }

    @Test func aReaderAloneSaysThatItIsOlder() throws {
        let place = try Self.old()
        let before = try Data(contentsOf: URL(filePath: place.path))
        #expect { try HistoryReader(path: place.path) } throws: { ($0 as? HistoryError)?.code == .olderSchema }
        #expect(try Data(contentsOf: URL(filePath: place.path)) == before)
    }

    @Test func aRowThatMakesNoSenseLeavesTheFileAsItWas() throws {
        let place = try Self.old()
        try DatabaseQueue(path: place.path).write { try $0.execute(sql: "UPDATE run SET state = 'done' WHERE id = 5") }
        #expect { try HistoryWriter(path: place.path) } throws: {
            ($0 as? HistoryError)?.code == .corrupt && "\($0)".contains("01M8CEYPC2DNDG5FPR9PV25JDY")
        }
        try DatabaseQueue(path: place.path).write { db in
            #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == 1)
            try db.execute(sql: "UPDATE run SET state = 'failed' WHERE id = 5")
        }
        try HistoryWriter(path: place.path).close()
        #expect(try HistoryReader(path: place.path).records().count == 8)
    }
}
