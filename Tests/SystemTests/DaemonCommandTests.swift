import Foundation
import Glibc
import Testing

/// `bobbind` itself: its help, its exit codes, its signals.
@Suite(.inTurn) struct DaemonCommandTests {
    @Test func help() async throws {
        let command = try await Command.run(
            ["\(BuiltPrograms.directory)/bobbind", "--help"], environment: ["COLUMNS": "80"])
        #expect(command.code == 0)
        #expect(
            command.output == """
                OVERVIEW: Run what is dropped into a spool's inboxes, and put the results into
                its outboxes.

                Stays in the foreground and logs to standard error. As root it runs as the
                spool's own user, without capabilities; a small helper, bobbin-launcher, keeps
                the privilege that sandboxes need. SIGTERM ends it gracefully, SIGHUP makes it
                read bobbin.yaml again.

                EXAMPLES
                  bobbin init spool && bobbind --spool spool
                  bobbind --spool /var/spool/bobbin --slots 4 --log-format journal

                USAGE: bobbind [--spool <spool>] [--slots <slots>] [--log-format <log-format>] [--stop-timeout <stop-timeout>]

                OPTIONS:
                  --spool <spool>         The spool. Default: $BOBBIN_SPOOL, else ./spool if
                                          you or root own it, else /var/spool/bobbin.
                  --slots <slots>         Runs at a time. Default: $BOBBIN_SLOTS, else
                                          bobbin.yaml, else the number of processors.
                  --log-format <log-format>
                                          How log lines look: plain, json or journal. (values:
                                          plain, json, journal; default: plain)
                  --stop-timeout <stop-timeout>
                                          How long running work gets at SIGTERM before it is
                                          interrupted. (default: 30s)
                  --version               Show the version.
                  -h, --help              Show help information.


                """)
    }

    @Test(arguments: [
        ["--no-such-option"], ["--slots", "0"], ["--slots", "x"], ["--stop-timeout", "soon"], ["--stop-timeout=-1s"],
        ["--log-format", "xml"], ["stray"],
    ])
    func wrongUsageEndsWith64(_ arguments: [String]) async throws {
        let spool = try await TemporarySpool()
        let command = try await Command.run(spool.daemonCommand(arguments))
        #expect(command.code == 64, "\(command.output)")
        #expect(command.output.contains("bobbind"))
        await spool.remove()
    }

    @Test func aWrongSettingsFileEndsWith65AndNamesEveryLine() async throws {
        let spool = try await TemporarySpool(settings: "slotz: 2\nintake: {settle: -1s}\nslots: 0\n")
        let command = try await Command.run(spool.daemonCommand([]))
        #expect(command.code == 65, "\(command.output)")
        for place in [
            "bobbin.yaml:1:1: unknown key 'slotz'; did you mean 'slots'?", "bobbin.yaml:2:", "bobbin.yaml:3:",
        ] {
            #expect(command.output.contains(place), "\(command.output)")
        }
        await spool.remove()
    }

    @Test(arguments: ["absent", "file"]) func noSpoolEndsWith73(_ what: String) async throws {
        let spool = try await TemporarySpool()
        let path = "\(spool.scratch)/\(what)"
        if what == "file" { try await spool.shell("touch file") }
        let command = try await Command.run(["\(BuiltPrograms.directory)/bobbind", "--spool", path])
        #expect(command.code == 73, "\(command.output)")
        #expect(command.output.contains(path) && command.output.contains("bobbin init"), "\(command.output)")
        await spool.remove()
    }

    /// More than select(2) can name, which libinotifytools uses.
    @Test func whatItsStarterHadOpenIsClosed() async throws {
        let held = "/etc/passwd"
        let starter = """
            ulimit -n 2048
            for ((i = 3; i < 1503; i++)); do eval "exec $i<\(held)"; done
            exec "$@"
            """
        try await withDaemon(settings: Brisk.settings, starter: ["bash", "-ec", starter, "bash"]) { daemon in
            try daemon.spool.drop("here.sh", script: "echo here")
            #expect(try await daemon.spool.result(of: "here.sh").stdout == "here\n")
            for process in daemon.processes where Processes.name(of: process).hasPrefix("bobbin") {
                let open = try Processes.openFiles(of: process)
                #expect(!open.isEmpty && !open.contains(held), "\(Processes.name(of: process)): \(open)")
            }
        }
    }

    @Test func terminationLetsRunningWorkEndAndKeepsWhatWaits() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("ends.sh", script: "echo begun; \(Held.here); echo through")
            try await spool.run(of: "ends", in: "running")
            try spool.drop("waits.sh", script: "echo later")
            try await spool.run(of: "waits", in: "queued")
            daemon.process?.signal(SIGTERM)
            try await eventually("it is stopping") { daemon.log.contains("stopping: what runs has 30s to end") }
            try await daemon.letGo("ends")
            #expect(try await daemon.stop() == .exited(0))
            #expect(ResultDirectory(path: spool.outbox() + "/ends").stdout == "begun\nthrough\n")
            #expect(!spool.exists(spool.outbox() + "/waits"))
            // What comes while no daemon is there is found by the next.
            try spool.drop("between.sh", script: "echo between")
            try await daemon.start()
            #expect(try await spool.result(named: "waits").stdout == "later\n")
            #expect(try await spool.result(of: "between.sh").stdout == "between\n")
        }
    }

    @Test func whatDoesNotEndWithinTheStopTimeoutIsInterrupted() async throws {
        try await withDaemon(settings: Brisk.settings, arguments: ["--stop-timeout", "500ms"]) { daemon in
            let spool = daemon.spool
            try spool.drop("long.sh", script: "trap 'echo bye; exit 0' TERM; echo begun; while :; do sleep 0.05; done")
            try await eventually("it runs") { spool.live("long")?.stdout == "begun\n" }
            #expect(try await daemon.stop() == .exited(0))
            let result = ResultDirectory(path: spool.outbox() + "/long")
            #expect(result.state == "interrupted", "\(result)")
            #expect(result.stdout == "begun\nbye\n" && !result.has("exit_code"))
        }
    }

    @Test func hangUpReadsTheSettingsAgainAndAWrongFileChangesNothing() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.configure(Brisk.settings(slots: 1, "queues: {default: {timeout: 700ms}}"))
            daemon.process?.signal(SIGHUP)
            try await eventually("it was read") { daemon.log.contains("bobbin.yaml was read again") }
            try spool.drop("short", files: ["manifest.yaml": "stop_grace: 100ms", "main.sh": "sleep 30"])
            #expect(try await spool.result(of: "short").state == "timed_out")
            try spool.configure(Brisk.settings(slots: 1, "queues: {default: {timeout: 5m}}\nnonsense: 1"))
            daemon.process?.signal(SIGHUP)
            try await eventually("it was refused") {
                daemon.log.contains("bobbin.yaml was refused; the old settings stay")
            }
            #expect(daemon.log.contains("unknown key 'nonsense'"))
            try spool.drop("short-again", files: ["manifest.yaml": "stop_grace: 100ms", "main.sh": "sleep 30"])
            #expect(try await spool.result(of: "short-again").state == "timed_out")
            // More slots begin to work at once.
            try spool.configure(Brisk.settings(slots: 2))
            daemon.process?.signal(SIGHUP)
            for name in ["one", "two"] { try spool.drop("\(name).sh", script: Held.here) }
            try await spool.run(of: "one", in: "running")
            try await spool.run(of: "two", in: "running")
            for name in ["one", "two"] { try await daemon.letGo(name) }
        }
    }

    @Test(arguments: ["plain", "json", "journal"]) func logLinesHaveTheirForm(_ format: String) async throws {
        try await withDaemon(settings: Brisk.settings, arguments: ["--log-format", format]) { daemon in
            try daemon.spool.drop("x.sh", script: ":")
            _ = try await daemon.spool.result(of: "x.sh")
            // A result is visible a moment before its line is written.
            try await eventually("its end is in the log") { daemon.log.contains("succeeded") }
            for line in daemon.log.split(separator: "\n") {
                switch format {
                case "json":
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    #expect(Set(object?.keys.map { $0 } ?? []) == ["time", "level", "message"], "\(line)")
                case "journal": #expect(line.first == "<" && line.dropFirst(2).first == ">", "\(line)")
                default:
                    #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [a-z]+: .+/) != nil, "\(line)")
                }
            }
        }
    }
}
