import Foundation
import Glibc
import Testing

/// What whoever looks at the outbox at any moment sees, and what makes it durable.
@Suite(.inTurn) struct OutboxReaderTests {
    private static let finalStates: Set<String> = ["succeeded", "failed"]

    /// The reader is a process of its own, in the tightest loop that there is.
    @Test(.needs("python3"), .timeLimit(.minutes(3))) func aResultIsNeverSeenWithoutItsFinalState() async throws {
        let count = 1000
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let reader = try spool.makeFile(
                Array(
                    """
                    import json, os, sys
                    outbox, wanted = sys.argv[1], int(sys.argv[2])
                    done, looks = set(), 0
                    while len(done) < wanted:
                        try: names = os.listdir(outbox)
                        except FileNotFoundError: continue
                        looks += 1
                        for name in names:
                            path = f"{outbox}/{name}"
                            if name in done or name.startswith(".") or os.path.islink(path): continue
                            state = open(path + "/state").read()
                            status = json.load(open(path + "/status.json"))
                            if state not in ("succeeded\\n", "failed\\n") or status["state"] + "\\n" != state:
                                sys.exit(f"{name}: state is {state!r}, status.json says {status['state']}")
                            if open(path + "/exit_code").read() != f"{status['exit_code']}\\n": sys.exit(f"{name}: exit_code")
                            open(path + "/stdout").read(); os.listdir(path + "/files"); json.load(open(path + "/manifest.json"))
                            done.add(name)
                    print(looks)
                    """.utf8))
            let reading = try ChildProcess(
                spool.prefix(spool.owner == geteuid() ? geteuid() : 0)
                    + ["python3", reader, spool.outbox(), "\(count)"], output: spool.base + "/reader")
            defer { reading.signal(SIGKILL) }
            try await spool.shell(
                """
                for i in $(seq \(count)); do echo "echo $i; exit $((i % 2))" >o$i; mv o$i "$INBOX/o$i.sh"; done
                """)
            try await eventually(within: .seconds(120), "the reader has seen all of them") { reading.hasEnded }
            let said = try String(contentsOfFile: spool.base + "/reader", encoding: .utf8)
            #expect(await reading.end() == .exited(0), "\(said)")
        }
    }

    /// Who cleans up may take a queue's whole directory: the next results have a place all the same.
    @Test(arguments: ["outbox", "active"]) func aQueuesDirectoryThatWasRemovedIsMadeAgain(part: String) async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            #expect(try await spool.result(named: "before").stdout == "before\n")
            try spool.drop("meanwhile.sh", script: Held.here)
            try await eventually("it runs") { daemon.processes.contains { Processes.isStopped($0) } }
            try await spool.shell("rm -r '\(spool.path)/\(part)/default'", as: geteuid())
            try await daemon.letGo("meanwhile")
            #expect(try await spool.result(named: "meanwhile").state == "succeeded")
            try spool.drop("after.sh", script: "echo after")
            #expect(try await spool.result(named: "after").stdout == "after\n")
            try await eventually("nothing is left of any run") { spool.names(in: "state/runs").isEmpty }
            daemon.expectWell()
        }
    }

    /// Of each run: its record is flushed before its first instruction, its result before the rename that shows it.
    @Test(.needsRoot, .needs("strace"), .timeLimit(.minutes(3))) func flushesAreGroupedAndComeBeforeEachVisibleRename()
        async throws
    {
        let count = 100
        let spool = try await TemporarySpool(settings: Brisk.settings)
        for number in 0..<count { try spool.drop("s\(number).sh", script: ":") }
        let lines = try await traced(spool, until: count)
        // A call that strace shows in two parts is two lines.
        let calls = lines.filter { !$0.contains("resumed>") }
        let flushes = calls.count { $0.contains("syncfs(") }
        // Without company each start and each result would have its own. (Who shares which is GroupingTests' matter.)
        #expect(flushes < 2 * count, "\(flushes) flushes of the spool for \(count) runs")
        // What is left of each flush that results waited for: one more, of a file of 64 bytes.
        let marks = calls.count { $0.contains("fdatasync(") && $0.contains("/state/flushed>") }
        #expect(marks > 0 && marks <= flushes, "\(marks) marks of \(flushes) flushes")
        // The history's: of runs that end within a moment of each other, a transaction has several.
        let commits = calls.count { $0.contains("fdatasync(") } - marks
        #expect(commits <= count, "\(commits) flushes of the history for \(count) runs")
        #expect(flushes > 0)
        // Every entry that appears in the outbox was in active before: a flush ended in between that began after its files
        // were written, which the record's last line tells.
        var flushed = false
        var visible = 0
        for line in lines {
            if line.contains("syncfs"), !line.contains("unfinished") { flushed = true }
            if line.contains("rename"), line.contains("/active/default>"), line.contains("/outbox/default>") {
                visible += 1
                #expect(flushed, "\(line)")
            }
        }
        #expect(visible == count, "\(visible) renames")
        await spool.remove()
    }

    /// A power cut must not find that what was sent has gone back, and a record that does not say why.
    @Test(.needsRoot, .needs("strace"), .timeLimit(.minutes(3))) func aRefusalIsOnDiskBeforeItsBundleGoesBack()
        async throws
    {
        let spool = try await TemporarySpool(settings: Brisk.settings)
        try spool.drop("bad", files: ["manifest.yaml": "no: such\n"])
        let lines = try await traced(spool, until: 1)
        let taken = try #require(lines.firstIndex { $0.contains("/inbox/default>") && $0.contains("rename") })
        let back = try #require(lines.firstIndex { $0.contains("\"sent\"") && $0.contains("/active/default/bad.") })
        #expect(lines[taken..<back].contains { $0.contains("syncfs") && !$0.contains("unfinished") })
        await spool.remove()
    }

    /// The flushes and renames of a daemon and its launcher, in their order, until so many results are out and it was stopped.
    private func traced(_ spool: TemporarySpool, until count: Int) async throws -> [Substring] {
        let trace = spool.base + "/trace"
        let traced = "trace=fsync,fdatasync,syncfs,sync,renameat,renameat2,rename,msync"
        let process = try ChildProcess(
            ["strace", "--seccomp-bpf", "-f", "-qq", "-y", "-e", traced, "-o", trace] + spool.daemonCommand([]),
            output: spool.base + "/log.1")
        defer { process.signal(SIGKILL) }
        try await eventually(within: .seconds(90), "all are out") { spool.results().count == count }
        let daemon = try #require(Processes.descendants(of: process.pid).first { Processes.name(of: $0) == "bobbind" })
        kill(daemon, SIGTERM)
        #expect(await process.end() == .exited(0))
        return try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    }
}
