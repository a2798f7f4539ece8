import History
import Runs
import Testing

/// What a run leaves for the next one of its key.
@Suite struct CheckpointTests {
    private func record(
        _ number: Int64, _ value: String?, state: RunState = .succeeded, key: String? = nil, claim: Int64? = nil
    ) throws -> HistoryRecord {
        var record = try Sample.minimal(number, state: state, at: 1_790_000_000_000 + number)
        record.status.finishedAt = Timestamp(milliseconds: 1_790_000_000_000 + number)
        record.status.report.checkpoint = value
        record.claim = claim ?? number
        record.checkpointKey = key
        return record
    }

    private func key(_ name: String = "report") throws -> CheckpointKey {
        CheckpointKey(queue: try #require(QueueName("default")), key: name)
    }

    @Test func theLaterDropCounts() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try record(2, #"{"id": 2}"#)])
        try await writer.record([try record(1, "1")])
        #expect(try await writer.checkpoint(key()) == #"{"id": 2}"#)
        try await writer.record([try record(3, "3"), try record(4, "4", state: .failed), try record(5, nil)])
        #expect(try await writer.checkpoint(key()) == "3")
        try await writer.record([try record(6, "6", key: "other")])
        #expect(try await writer.checkpoint(key()) == "3")
        #expect(try await writer.checkpoint(key("other")) == "6")
        #expect(try await writer.checkpointKeys() == [try key(), try key("other")])
        let listed = try HistoryReader(path: place.path).checkpoints()
        #expect(listed.map(\.key.key) == ["other", "report"])
        #expect(listed.map(\.run) == [Sample.id(6, at: 1_790_000_000_006), Sample.id(3, at: 1_790_000_000_003)])
    }

    @Test func theSameRunAgainAndOneFromBeforeDoNotUndoWhatSomebodySet() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try record(1, "1")])
        try await writer.setCheckpoint(key(), to: "7", claim: 3, at: .now())
        try await writer.record([try record(1, "1"), try record(2, "2"), try record(3, "3")])
        #expect(try await writer.checkpoint(key()) == "7")
        #expect(try HistoryReader(path: place.path).checkpoint(key())?.run == nil)
        try await writer.record([try record(4, "4")])
        #expect(try await writer.checkpoint(key()) == "4")
        try await writer.setCheckpoint(key(), to: nil, claim: 6, at: .now())
        try await writer.record([try record(5, "5")])
        #expect(try await writer.checkpoint(key()) == nil)
        #expect(try await writer.checkpointKeys().isEmpty)
        #expect(try HistoryReader(path: place.path).checkpoint(key()) == nil)
        try await writer.record([try record(7, "7")])
        #expect(try await writer.checkpoint(key()) == "7")
    }

    /// A history that is made anew from results does not know their claims.
    @Test func ofRunsWithoutAClaimTheOneThatEndedLastCounts() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try record(2, "2", claim: 0), try record(1, "1", claim: 0)])
        #expect(try await writer.checkpoint(key()) == "2")
    }

    @Test func aKeyIsComparedByItsBytes() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try record(1, "1", key: "jos\u{e9}")])
        #expect(try await writer.checkpoint(key("jose\u{301}")) == nil)
        #expect(try await writer.checkpoint(key("jos\u{e9}")) == "1")
    }
}
