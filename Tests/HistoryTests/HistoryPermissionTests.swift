import Foundation
import Glibc
import History
import Runs
import Testing

/// Root opens everything, so these put one thread into another user's place: setfsuid(2) takes the capabilities that pass
/// over file modes with it.
@Suite(.enabled(if: geteuid() == 0, "only root can take another user's place"))
struct HistoryPermissionTests {
    private static let group: gid_t = 54_321

    /// What a reader finds that belongs to nobody but a group: how many runs, or which error.
    private func outcome(_ path: String, as group: gid_t) async throws -> Result<Int, HistoryError> {
        typealias SetID = @convention(c) (CUnsignedInt) -> CInt
        let user = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetID.self)
        let ofGroup = unsafeBitCast(try #require(dlsym(nil, "setfsgid")), to: SetID.self)
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = ofGroup(group)
                _ = user(65_534)
                let result = Result { () throws(HistoryError) in try HistoryReader(path: path).records().count }
                _ = user(0)
                _ = ofGroup(0)
                continuation.resume(returning: result)
            }
        }
    }

    /// A history as the spool makes it, for one group.
    private func shared(_ place: TemporaryHistory) {
        chown(place.directory.path, 0, Self.group)
        chmod(place.directory.path, 0o750)
        for suffix in ["", "-wal", "-shm"] { chown(place.path + suffix, 0, Self.group) }
    }

    @Test(arguments: [true, false]) func theGroupReads(whileTheDaemonRuns: Bool) async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.full()])
        if !whileTheDaemonRuns { try writer.close() }
        shared(place)
        #expect(try await outcome(place.path, as: Self.group) == .success(1))
        if whileTheDaemonRuns { try await writer.record([try Sample.minimal(2)]) }
    }

    @Test func theGroupReadsAfterAKill() async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.full()])
        let crashed = try place.crashed()
        shared(crashed)
        #expect(try await outcome(crashed.path, as: Self.group) == .success(1))
    }

    @Test func othersAreToldWhichGroupToJoin() async throws {
        let place = try TemporaryHistory()
        try HistoryWriter(path: place.path).close()
        shared(place)
        let error = try #require(try await outcome(place.path, as: 65_533).failure)
        #expect(error.code == .notPermitted)
        #expect(error.description.contains("group '54321'"))
    }

    @Test(arguments: ["-wal", "-shm"]) func aMissingFileIsSaid(suffix: String) async throws {
        let place = try TemporaryHistory()
        let writer = try HistoryWriter(path: place.path)
        try await writer.record([try Sample.full()])
        let crashed = try place.crashed(without: suffix)
        shared(crashed)
        #expect(try await outcome(crashed.path, as: Self.group).failure?.code == .incomplete)
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
