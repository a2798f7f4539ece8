import Foundation
import Glibc
import Testing

/// THREATS 9: watch limit reached; inbox renamed, deleted, replaced, made read-only.
@Suite(.inTurn) struct InboxTests {
    private static let settings = Brisk.settings.replacing("rescan: 2s", with: "rescan: 1s")
    private static let neverRescanned = Brisk.settings.replacing("rescan: 2s", with: "rescan: never")

    /// In a user namespace of its own the limit is the test's alone.
    @Test func aReachedWatchLimitCostsOnlyLatency() async throws {
        let spool = try await TemporarySpool(.rootless, settings: Self.settings)
        let daemon = Daemon(on: spool)
        let wrapped =
            spool.prefix(spool.owner)
            + [
                "unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c",
                "echo 3 >/proc/sys/user/max_inotify_watches && exec \"$@\"", "sh",
            ] + (geteuid() == 0 ? ["\(spool.base)/bin/bobbind"] : ["\(BuiltPrograms.directory)/bobbind"]) + [
                "--spool", spool.path,
            ]
        let log = "\(spool.base)/log.watches"
        let process = try ChildProcess(wrapped, output: log, directory: "/")
        defer { process.signal(SIGKILL) }
        try spool.drop("first.sh", script: "echo first")
        let first = try await spool.result(of: "first.sh")
        #expect(first.stdout == "first\n")
        try spool.drop("second.sh", script: "echo second")
        let second = try await spool.result(of: "second.sh")
        #expect(second.stdout == "second\n")
        let said = try String(contentsOfFile: log, encoding: .utf8)
        #expect(said.contains("max_user_watches"), "\(said)")
        #expect(said.components(separatedBy: "cannot watch inbox/default").count == 2, "said once: \(said)")
        let stopping = ContinuousClock.now
        process.signal(SIGTERM)
        #expect(await process.end() == .exited(0))
        #expect(ContinuousClock.now - stopping < .seconds(10))
        await daemon.kill()
        await spool.remove()
    }

    @Test func aDeletedQueueIsForgottenAndAQueueOfItsNameIsNew() async throws {
        try await withDaemon(settings: Self.neverRescanned) { daemon in
            let spool = daemon.spool
            try await spool.shell("mkdir -m 1777 inbox/short".inSpool, as: 0)
            try spool.drop("one.sh", script: "\(Held.here); echo one", queue: "short")
            try await spool.run(of: "one", in: "running", queue: "short")
            try await spool.shell("rmdir inbox/short".inSpool, as: 0)
            try await daemon.letGo("one")
            // What runs goes on, and its result has its place.
            #expect(try await spool.result(named: "one", queue: "short").stdout == "one\n")
            try await spool.shell("mkdir -m 1777 inbox/short".inSpool, as: 0)
            try spool.drop("two.sh", script: "echo two", queue: "short")
            #expect(try await spool.result(of: "two.sh", queue: "short").stdout == "two\n")
        }
    }

    @Test func aRenamedQueueIsTheQueueOfItsNewName() async throws {
        try await withDaemon(settings: Self.neverRescanned) { daemon in
            let spool = daemon.spool
            try await spool.shell("mkdir -m 1777 inbox/old; touch control/pause/old".inSpool, as: 0)
            try spool.drop("before.sh", script: "echo $BOBBIN_QUEUE", queue: "old")
            try await spool.run(of: "before", in: "queued", queue: "old")
            try await spool.shell("mv inbox/old inbox/new".inSpool, as: 0)
            try spool.drop("after.sh", script: "echo $BOBBIN_QUEUE", queue: "new")
            #expect(try await spool.result(of: "after.sh", queue: "new").stdout == "new\n")
            // What was taken under the old name keeps it.
            try await spool.shell("rm control/pause/old".inSpool, as: 0)
            #expect(try await spool.result(named: "before", queue: "old").stdout == "old\n")
        }
    }

    @Test func aReplacedQueueIsWatchedAnew() async throws {
        try await withDaemon(settings: Self.neverRescanned) { daemon in
            let spool = daemon.spool
            try await spool.shell(
                "mkdir -m 1777 inbox/.next; mv -T inbox/default inbox/.gone; mv -T inbox/.next inbox/default".inSpool,
                as: 0)
            try spool.drop("there.sh", script: "echo there")
            #expect(try await spool.result(of: "there.sh").stdout == "there\n")
            // Twice, so that it is the watch on the new one that tells.
            try spool.drop("again.sh", script: "echo again")
            #expect(try await spool.result(of: "again.sh").stdout == "again\n")
        }
    }

    /// The directory of all queues is the spool's own; who takes it away gets a daemon that says so and goes on.
    @Test func theWholeInboxRenamedAndBack() async throws {
        try await withDaemon(settings: Self.settings) { daemon in
            let spool = daemon.spool
            try await spool.shell("mv inbox inbox.away; sleep 2; mv inbox.away inbox".inSpool, as: 0)
            try spool.drop("back.sh", script: "echo back")
            #expect(try await spool.result(of: "back.sh").stdout == "back\n")
        }
    }

    /// It is another directory then, and what is dropped there is found all the same, by an event again from then on.
    @Test(arguments: ["mv -T inbox inbox.gone", "rm -r inbox"]) func theWholeInboxReplaced(_ way: String) async throws {
        try await withDaemon(settings: Self.settings) { daemon in
            let spool = daemon.spool
            try await spool.shell(
                "mkdir -p .next/default; chmod 1777 .next/default; \(way); mv -T .next inbox".inSpool, as: 0)
            try spool.drop("there.sh", script: "echo there")
            #expect(try await spool.result(of: "there.sh").stdout == "there\n")
            #expect(daemon.log.contains("inbox/ was replaced"), "\(daemon.log)")
            try await spool.shell("mkdir -m 1777 inbox/more".inSpool, as: 0)
            try spool.drop("more.sh", script: "echo more", queue: "more")
            #expect(try await spool.result(of: "more.sh", queue: "more").stdout == "more\n")
        }
    }

    @Test func aQueueRenamedAndBackAtOnceIsStillWatched() async throws {
        try await withDaemon(settings: Self.neverRescanned) { daemon in
            let spool = daemon.spool
            for round in 0..<20 {
                try await spool.shell("mv -T inbox/default inbox/away; mv -T inbox/away inbox/default".inSpool, as: 0)
                try spool.drop("back\(round).sh", script: "echo back")
                #expect(try await spool.result(of: "back\(round).sh").stdout == "back\n")
            }
        }
    }

    /// The launcher may rename what the queue's maker may not: nothing is lost, and nobody waits for a mode to be mended.
    @Test(arguments: TemporarySpool.Mode.possible)
    func dropsOfAQueueThatWasMadeReadOnlyHaveResults(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Self.settings) { daemon in
            let spool = daemon.spool
            try await spool.shell(
                "mkdir inbox/.ro; echo 'echo kept' >inbox/.ro/kept.sh; chmod 555 inbox/.ro; mv inbox/.ro inbox/ro"
                    .inSpool,
                as: spool.owner)
            #expect(try await spool.result(of: "kept.sh", queue: "ro").stdout == "kept\n")
        }
    }
}
