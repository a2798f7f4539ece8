import Runs
import Testing

/// Run ids that droppers choose, and what is sent again.
@Suite("run ids", .sharedDaemon(settings: "slots: 2\n")) struct RunIDTests {
    @Test("chosen by the entry's name", arguments: [("script", ".sh"), ("directory", ""), ("archive", ".tar.gz")])
    func chosen(_ name: String, _ ending: String) async throws {
        let spool = try Daemon.shared.spool
        let run = RunID.new()
        try await spool.shell(
            """
            mkdir id-\(name); echo 'echo $BOBBIN_RUN $BOBBIN_NAME' > id-\(name)/main.sh
            case '\(ending)' in
            .sh) mv id-\(name)/main.sh entry-\(name) ;;
            '') mv id-\(name) entry-\(name) ;;
            *) tar czf entry-\(name) id-\(name) ;;
            esac
            mv entry-\(name) $INBOX/chosen-\(name).\(run)\(ending)
            """)
        let result = try await spool.result(ofRun: "\(run)", named: "chosen-\(name)")
        #expect(result.state == "succeeded", "\(result)")
        #expect(result.stdout == "\(run) chosen-\(name)\n")
        #expect(result.run == "\(run)")
    }

    @Test("the same again, before, while and after it runs: removed, and the log says so") func resend() async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let run = RunID.new()
        let entry = "resent.\(run).sh"
        let script = "echo once; \(Held.here)"
        for _ in 1...3 {
            try spool.drop(entry, script: script)
            try await spool.taken(entry)
        }
        try await daemon.letGo("resent")
        let result = try await spool.result(ofRun: "\(run)", named: "resent")
        let link = try await spool.result(named: "resent")
        #expect(link.path == result.path)
        try spool.drop(entry, script: script)
        try await spool.taken(entry)
        try await eventually("the log says it of each") {
            daemon.log.split(separator: "\n").filter { $0.contains("run \(run) is known with the same content") }.count
                == 3
        }
        #expect(spool.results(named: "resent").count == 1)
        #expect(result.stdout == "once\n")
        #expect(try await spool.result(named: "resent").path == result.path, "a refused duplicate leaves the link")
    }

    @Test("the same again after its reader removed the result") func resendAfterRemoval() async throws {
        let daemon = try Daemon.shared
        let run = RunID.new()
        try daemon.spool.drop("fetched.\(run).sh", script: "echo once")
        let result = try await daemon.spool.result(ofRun: "\(run)", named: "fetched")
        try await daemon.spool.shell("rm -r '\(result.path)' $OUTBOX/fetched")
        try daemon.spool.drop("fetched.\(run).sh", script: "echo once")
        try await eventually("the log says it") { daemon.log.contains("run \(run) is known with the same content") }
        #expect(daemon.spool.results(named: "fetched").isEmpty)
    }

    @Test("another content under a used id is rejected under a fresh one") func otherContent() async throws {
        let spool = try Daemon.shared.spool
        let run = RunID.new()
        try spool.drop("reused.\(run).sh", script: "echo first")
        let first = try await spool.result(ofRun: "\(run)", named: "reused")
        try spool.drop("reused.\(run).sh", script: "echo second")
        let second = try await eventually("the second is answered") {
            spool.results(named: "reused").first { $0.run != "\(run)" }
        }
        #expect(second.state == "rejected")
        #expect(second.errorCodes == ["run_id_used"], "\(second)")
        #expect(second.text("sent") == "echo second")
        #expect(first.stdout == "first\n")
    }

    @Test("too old, too far ahead", arguments: [(-40, "run_id_too_old"), (2, "run_id_ahead")])
    func wrongTime(_ days: Int64, _ code: String) async throws {
        let spool = try Daemon.shared.spool
        var generator = SystemRandomNumberGenerator()
        let run = RunID(
            at: Timestamp(milliseconds: Timestamp.now().milliseconds + days * 86_400_000), using: &generator)
        try spool.drop("time.\(run).sh", script: "echo no")
        let result = try await eventually("an answer") {
            spool.results(named: "time").first { $0.errorCodes.contains(code) }
        }
        #expect(result.state == "rejected")
        #expect(result.run != "\(run)")
    }

    @Test("a drop of the same name while the first runs: two runs, the link is the newest's") func sameName()
        async throws
    {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        try spool.drop("twice.sh", script: "\(Held.here); echo first")
        try await spool.taken("twice.sh")
        try spool.drop("twice.sh", script: "echo second")
        let second = try await spool.result(of: "twice.sh")
        #expect(second.stdout == "second\n")
        try await daemon.letGo("twice")
        try await eventually("both are there") { spool.results(named: "twice").count == 2 }
        #expect(try await spool.result(named: "twice").stdout == "second\n", "an earlier drop that finishes later")
    }
}
