import Foundation
import GRDB
import History
import Runs
import Testing

@Suite struct HistoryDamageTests {
    private func code(_ body: () throws -> Void) -> HistoryError.Code? {
        do { try body() } catch { return (error as? HistoryError)?.code }
        return nil
    }

    @Test func whatWasRecordedSurvivesAKill() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.full(1), try Sample.minimal(2)])
        let crashed = try place.crashed()
        #expect(try HistoryReader(path: crashed.path).records().count == 2)
        let again = try HistoryWriter(path: crashed.path)
        try await again.record([try Sample.full(1), try Sample.minimal(3)])
        #expect(try HistoryReader(path: crashed.path).records().count == 3)
    }

    @Test(arguments: ["-wal", "-shm"]) func aDeletedFileAfterAKillIsNotFatal(suffix: String) async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.full(1)])
        let crashed = try place.crashed(without: suffix)
        let again = try HistoryWriter(path: crashed.path)
        try await again.record([try Sample.full(1)])
        #expect(try HistoryReader(path: crashed.path).records() == [try Sample.full(1)])
    }

    @Test(arguments: ["-wal", "-shm"]) func aFileDeletedInUseLosesNothing(suffix: String) async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.minimal(1)])
        try FileManager.default.removeItem(atPath: place.path + suffix)
        try await writer.record([try Sample.minimal(2)])
        #expect(try writer.pragma("synchronous") == "2")
        let crashed = try place.crashed()
        #expect(try HistoryReader(path: crashed.path).records().map(\.claim) == [2, 1])
    }

    @Test func aDatabaseMovedAwayIsSaid() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.minimal(1)])
        try FileManager.default.moveItem(atPath: place.path, toPath: place.path + ".away")
        await #expect { try await writer.record([try Sample.minimal(2)]) } throws: {
            ($0 as? HistoryError)?.code == .moved
        }
        try FileManager.default.moveItem(atPath: place.path + ".away", toPath: place.path)
        try await writer.record([try Sample.minimal(2)])
        #expect(try HistoryReader(path: place.path).records().count == 2)
    }

    @Test func aNewerSchemaIsRefusedAndUntouched() throws {
        let place = try TemporaryHistory()
        try HistoryWriter(path: place.path).close()
        let other = try DatabaseQueue(path: place.path)
        try other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        try other.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: place.path))
        #expect(code { _ = try HistoryWriter(path: place.path) } == .newerSchema)
        #expect(code { _ = try HistoryReader(path: place.path) } == .newerSchema)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == before)
    }

    @Test func anotherProgramsDatabaseIsRefusedAndUntouched() throws {
        let place = try TemporaryHistory()
        let other = try DatabaseQueue(path: place.path)
        try other.write { try $0.execute(sql: "CREATE TABLE mail (id INTEGER)") }
        try other.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: place.path))
        #expect(code { _ = try HistoryWriter(path: place.path) } == .foreign)
        #expect(code { _ = try HistoryReader(path: place.path) } == .foreign)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == before)
    }

    @Test func whatIsNoDatabaseIsRefusedAndUntouched() throws {
        let place = try TemporaryHistory()
        let text = Data(String(repeating: "not a database\n", count: 500).utf8)
        try text.write(to: URL(fileURLWithPath: place.path))
        #expect(code { _ = try HistoryWriter(path: place.path) } == .damaged)
        #expect(code { _ = try HistoryReader(path: place.path) } == .damaged)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == text)
    }

    @Test func aMissingOrEmptyHistoryIsMissing() throws {
        let place = try TemporaryHistory()
        #expect(code { _ = try HistoryReader(path: place.path) } == .missing)
        #expect(!FileManager.default.fileExists(atPath: place.path))
        try Data().write(to: URL(fileURLWithPath: place.path))
        #expect(code { _ = try HistoryReader(path: place.path) } == .missing)
        #expect(code { _ = try HistoryWriter(path: place.path + "/below") } == .failed)
    }

    /// Every page in turn, the first one in its second half too: an answer or an error, never a trap.
    @Test func corruptPages() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try writer.recordBlocking(try (1...60).map { try Sample.full($0) })
        try writer.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.path))
        var damaged = 0
        for offset in stride(from: 2048, to: whole.count, by: 4096) {
            let copy = try TemporaryHistory()
            var bytes = whole
            bytes.replaceSubrange(
                offset - 1948..<min(offset + 2048, whole.count), with: repeatElement(0xA5, count: 3996))
            try bytes.prefix(whole.count).write(to: URL(fileURLWithPath: copy.path))
            let read = code {
                let reader = try HistoryReader(path: copy.path)
                _ = try reader.records()
                _ = try reader.run(beginningWith: "0")
                _ = try reader.latest(name: try Sample.minimal().status.name)
            }
            let written = code {
                let writer = try HistoryWriter(path: copy.path)
                try writer.recordBlocking(try (100...160).map { try Sample.full($0) })
                _ = try writer.knowsBlocking((1...60).map { Sample.id($0) })
            }
            // `full` is what SQLite says where a damaged row has the greatest id there can be.
            for found in [read, written].compactMap(\.self) {
                #expect([.corrupt, .damaged, .failed, .full].contains(found), "at \(offset)")
            }
            if read != nil { damaged += 1 }
        }
        #expect(damaged > 5)
    }

    @Test(arguments: [
        "kind SET state = 'done'", "run SET labels = '{\"a\": 1}'", "run SET labels = '['",
        "run SET errors = '[{\"code\": \"c\"}]'", "kind SET exit_code = 99999999999", "run SET attempt = 'two'",
        "run SET submitted_at = 1.5", "job SET queue = 'A B'", "job SET name = ''", "text SET body = x'FF'",
        "kind SET owner = x'C328'", "run SET dropped_files = '{}'", "run SET parent_run = 'x'",
        "run SET errors = '[{\"code\": \"\\uD800\", \"message\": \"\"}]'", "kind SET id = 77", "job SET id = 77",
    ]) func anEditedRowIsAnError(change: String) throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        let record = try Sample.full()
        try writer.recordBlocking([record])
        try edit(place, change)
        #expect(code { _ = try HistoryReader(path: place.path).record(record.status.run) } == .corrupt)
        #expect(code { _ = try writer.knowsBlocking(record.status.run) } == .corrupt)
    }

    private func edit(_ place: TemporaryHistory, _ change: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        try DatabaseQueue(path: place.path, configuration: configuration).write {
            try $0.execute(sql: "UPDATE \(change)")
        }
    }

    /// Numbers that were edited are not trusted to be numbers.
    @Test(arguments: [
        "memory SET since = 'x', runs = 'y', claim = 'z', seed = 'w', swept_at = 'v'",
        "job SET latest = 'x', runs = 'y'",
        "kind SET runs = 'x', newest = 'y'", "run SET job = 'x', kind = 'y', reason = 'z', labels = 7",
    ]) func editedNumbersAreNoTrap(change: String) async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.full()])
        try edit(place, change)
        // An answer or an error, as it comes.
        _ = try? await writer.memory()
        _ = try? await writer.rowCount()
        _ = try? await writer.lastSweep()
        _ = try? await writer.sweepFacts([try Sample.full().status.run])
        _ = try? await writer.record([try Sample.full(2)])
        _ = try? await writer.forgetRuns(finishedBefore: Timestamp(milliseconds: .max), keepingNewest: 1, limit: 10)
        _ = try? writer.lastClaimBlocking()
        _ = try? HistoryReader(path: place.path).records()
    }

    @Test func aLockIsWaitedForAndThenSaid() throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path, busyTimeout: 0.05)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: place.path, configuration: configuration)
        try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        #expect(code { try writer.recordBlocking([try Sample.minimal()]) } == .busy)
        #expect(try HistoryReader(path: place.path).records().isEmpty)
        try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
        try writer.recordBlocking([try Sample.minimal()])
        #expect(try HistoryReader(path: place.path).records().count == 1)
    }
}
