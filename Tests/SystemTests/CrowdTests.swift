import Foundation
import Glibc
import Testing

/// THREATS 9: 20,000 bundles at once; event queue overflow.
@Suite(.inTurn) struct CrowdTests {
    private static let crowd = Brisk.settings(intake: "max_queued: 1000", "queues: {default: {}}")

    /// Makes so many scripts in the inbox, each by a rename.
    private static func drop(_ count: Int, into spool: TemporarySpool) async throws {
        let program = try spool.makeFile(
            Array(
                """
                import os, sys
                scratch, inbox, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
                for i in range(count):
                    path = f"{scratch}/c{i}"
                    with open(path, "w") as file: file.write(":\\n")
                    os.rename(path, f"{inbox}/c{i:05}.sh")
                """.utf8))
        try await spool.shell("python3 \(program) \"$SCRATCH\" \"$INBOX\" \(count)")
    }

    /// Waits until nothing waits or runs any more, then expects one result of each bundle, and that it ran once and well.
    private static func expectAllRun(
        _ count: Int, _ daemon: Daemon, within limit: Duration, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let spool = daemon.spool
        // To list a thousand runs again and again would cost the daemon its time, and the inbox is listed only when all are over.
        try await eventually(
            within: limit, every: .milliseconds(500), "all \(count) are run; \(spool.liveCount()) wait or run"
        ) {
            try spool.liveCount() == 0 && FileManager.default.contentsOfDirectory(atPath: spool.inbox()).isEmpty
        }
        let wanted = (0..<count).map { "c" + String(100_000 + $0).dropFirst() }
        let entries = try FileManager.default.contentsOfDirectory(atPath: spool.outbox())
        // A link for each name, and one directory.
        #expect(entries.filter { $0.count == 6 }.sorted() == wanted, sourceLocation: location)
        #expect(
            entries.filter { $0.count > 6 }.map { String($0.prefix(6)) }.sorted() == wanted, sourceLocation: location)
        let states = try await spool.shell(
            "find \"$OUTBOX\" -mindepth 2 -maxdepth 2 -name state -exec cat {} + | sort | uniq -c", as: 0)
        #expect(states.split(separator: " ") == ["\(count)", "succeeded\n"], "\(states)", sourceLocation: location)
        // A result is visible a moment before it is remembered.
        let rows = "\(count)|\(count)|1|succeeded|succeeded\n"
        try await eventually("the history has \(rows)") {
            try await Command.check([
                "sqlite3", "-readonly", "\(spool.path)/history/history.sqlite",
                "SELECT count(*), count(DISTINCT name), max(attempt), min(state), max(state) FROM runs",
            ]) == rows
        }
        daemon.expectWell(location)
    }

    /// While they come, at a daemon that is awake: each of them must be found, none be run twice, and memory stay bounded.
    @Test(.needs("python3"), .needs("sqlite3"), .timeLimit(.minutes(22)))
    func twentyThousandBundlesAtOnce() async throws {
        try await withDaemon(settings: Self.crowd) { daemon in
            let spool = daemon.spool
            // A paused queue keeps all of them waiting, and most of them in the inbox.
            try await spool.shell("touch control/pause/default".inSpool, as: 0)
            try await Self.drop(20_000, into: spool)
            try await eventually(within: .seconds(60), "max_queued are taken") {
                spool.liveCount() == 1000
            }
            daemon.expectWell()
            let left = try FileManager.default.contentsOfDirectory(atPath: spool.inbox()).count
            #expect(left == 19_000, "\(left) of 20,000 are left in the inbox under max_queued: 1000")
            // It goes on: the rest is taken as there is room.
            try await spool.shell("rm control/pause/default".inSpool, as: 0)
            try await Self.expectAllRun(20_000, daemon, within: .seconds(1200))
        }
    }

    /// Found by one scan: what is kept in mind of each must be little, and looking at all of them bounded work.
    @Test(.needs("python3"), .timeLimit(.minutes(5))) func twentyThousandBundlesFoundAtStart() async throws {
        try await withDaemon(settings: Self.crowd) { daemon in
            let spool = daemon.spool
            try await spool.shell("touch control/pause/default".inSpool, as: 0)
            try await daemon.stop()
            try await Self.drop(20_000, into: spool)
            try await daemon.start()
            try await eventually(within: .seconds(60), "max_queued are taken") { spool.liveCount() == 1000 }
            daemon.expectWell()
        }
    }

    /// A daemon that is stopped reads no events, and the kernel drops what is beyond its limit.
    @Test(.needs("python3"), .needs("sqlite3"), .timeLimit(.minutes(5)))
    func anOverflowOfTheEventQueueLosesNothing() async throws {
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let count = 300
        try await withDaemon(
            settings: Brisk.settings(intake: "max_queued: 1000").replacing("rescan: 2s", with: "rescan: never")
        ) { daemon in
            let spool = daemon.spool
            let most = try #require(Int(limit.filter(\.isNumber)))
            daemon.process?.signal(SIGSTOP)
            // Two entries in turn: the kernel joins only equal events that follow each other.
            try await spool.shell(
                """
                python3 -c '
                import os, sys
                for i in range(\(most / 2 + 100)):
                    open(sys.argv[1] + "/.a", "w").close(); open(sys.argv[1] + "/.b", "w").close()
                ' "$INBOX"
                rm "$INBOX/.a" "$INBOX/.b"
                """)
            try await Self.drop(count, into: spool)
            daemon.process?.signal(SIGCONT)
            try await Self.expectAllRun(count, daemon, within: .seconds(60))
            #expect(daemon.log.contains("events were lost"), "\(daemon.log.prefix(2000))")
        }
    }
}

extension String {
    func replacing(_ old: String, with new: String) -> String { replacingOccurrences(of: old, with: new) }
}
