import Foundation
import Testing

/// What a script says while it runs.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings(slots: 4)), .needs("python3"))
struct EventTests {
    @Test func everyLanguageCanSpeak() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "speaks.sh",
            script: """
                say() { printf '%s\\n' "$1" >>"$BOBBIN_EVENTS"; }
                say '{"type": "log", "level": "debug", "message": "not kept"}'
                say '{"type": "log", "level": "warn", "message": "caf\\u00e9 \\u0007"}'
                say '{"type": "progress", "value": 0.25}'
                say '{"type": "progress", "value": 0.5, "text": "half"}'
                say '{"type": "message", "text": "first"}'
                say '{"type": "message", "text": "all done\\nand more"}'
                say 'no event'
                say '{"type": "dance"}'
                printf '{"type": "message", "text": "without a newline"}' >>"$BOBBIN_EVENTS"
                """)
        let result = try await spool.result(of: "speaks.sh")
        #expect(result.state == "succeeded", "\(result)")
        #expect(result.status["progress"] as? Double == 0.5)
        #expect(result.status["progress_text"] as? String == "half")
        #expect(result.status["message"] as? String == "without a newline")
        #expect(result.status["events_dropped"] as? Int == 2)
        let log = try #require(result.text("log.jsonl")).split(separator: "\n")
        #expect(log.count == 1)
        let entry = try JSONSerialization.jsonObject(with: Data(log[0].utf8)) as? [String: String]
        #expect(entry?["level"] == "warn" && entry?["message"] == "caf\u{e9} \u{7}")
        #expect(try await spool.bobbin("logs", "speaks", "--log").output == result.text("log.jsonl"))
    }

    @Test func progressIsSeenWhileItRuns() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "slow.py",
            script: """
                import bobbin, os, time
                bobbin.progress(0.42, "counting")
                while not os.path.exists("/tmp/never"): time.sleep(0.1)
                """)
        let live = try await eventually("it is shown") {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: spool.active("default"))) ?? []
            return names.filter { $0.hasPrefix("slow.") }.map {
                ResultDirectory(path: "\(spool.active("default"))/\($0)")
            }
            .first { $0.status["progress_text"] != nil }
        }
        #expect(live.status["progress"] as? Double == 0.42)
        #expect(live.status["state"] as? String == "running")
        let shown = try await spool.bobbin("ps").output
        #expect(shown.contains("42 %  counting"), "\(shown)")
        #expect(try await spool.bobbin("cancel", "slow").code == 0)
        #expect(try await spool.result(of: "slow.py").state == "cancelled")
    }

    @Test func anErrorInTheLogIsAFailure() async throws {
        let spool = try Daemon.shared.spool
        let script = "import bobbin\nbobbin.log.error('bad %s', 'row')\nbobbin.log.error('again')\n"
        try spool.drop("errs.py", script: script)
        let failed = try await spool.result(of: "errs.py")
        #expect(failed.state == "failed" && failed.exitCode == "0", "\(failed)")
        #expect(failed.reason == "it logged 2 errors, first: bad row")
        let waited = try await spool.bobbin("wait", "errs")
        #expect(waited.code == 125 && waited.output.contains("it logged 2 errors"), "\(waited)")
        try spool.drop(
            "forgiven", files: ["manifest.yaml": "fail_on_error_log: false\nlog_level: trace", "main.py": script])
        let forgiven = try await spool.result(of: "forgiven")
        #expect(forgiven.state == "succeeded", "\(forgiven)")
        #expect(forgiven.text("log.jsonl")?.split(separator: "\n").count == 2)
    }

    @Test func aFloodIsLimitedAndTheDaemonIsNot() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "flood",
            files: [
                "manifest.yaml": "limits: {log: 64KiB}\ntimeout: 60s",
                "main.py": """
                import os
                events = os.open(os.environ["BOBBIN_EVENTS"], os.O_WRONLY)
                line = b'{"type":"log","level":"info","message":"%06d ' + b"x" * 80 + b'"}\\n'
                for i in range(30000): os.write(events, line % i)
                os.write(events, b"y" * 70000 + b"\\n")
                os.write(events, b'{"type":"message","text":"heard"}\\n')
                """,
            ])
        // Another one is served meanwhile.
        try spool.drop("beside.sh", script: "echo beside")
        let beside = try await spool.result(of: "beside.sh")
        #expect(beside.stdout == "beside\n")
        let result = try await spool.result(of: "flood")
        #expect(result.state == "succeeded", "\(result)")
        #expect(result.status["message"] as? String == "heard")
        #expect(result.status["events_dropped"] as? Int == 1)
        let log = try #require(result.text("log.jsonl"))
        #expect(log.utf8.count < 66 << 10)
        let entries = try log.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String], "\(line)")
        }
        let messages = entries.compactMap { $0["message"] }
        #expect(messages.first?.hasPrefix("000000 ") == true && messages.last?.hasPrefix("029999 ") == true)
        #expect(messages.filter { $0.contains("bytes are missing here") }.count == 1)
    }

    @Test func thePipeIsNobodyElses() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "pipe.sh",
            script: """
                for f in events result; do rm -f /run/$f 2>/dev/null; mv /run/$f /tmp 2>/dev/null; test -e /run/$f || echo $f is gone; done
                ln -s /etc/passwd /run/other 2>/dev/null && echo linked
                mkfifo /run/mine 2>/dev/null && echo made
                ls /run
                """)
        let result = try await spool.result(of: "pipe.sh")
        #expect(result.stdout == "bobbin\nevents\ninput\nlinks\nresolv.conf\nresult\nschema\n", "\(result)")
    }

    @Test func childrenThatOutliveTheScriptDoNotHoldItsEndUp() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("keeps.sh", script: "exec 7>>$BOBBIN_EVENTS; (trap '' TERM; sleep 60) & echo done")
        let result = try await spool.result(of: "keeps.sh", within: .seconds(20))
        #expect(result.state == "succeeded" && result.stdout == "done\n", "\(result)")
    }

    @Test func ofSeveralAttemptsEachHasItsOwn() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "again",
            files: [
                "manifest.yaml": "retry: {attempts: 2, wait: 50ms}\nlimits: {output: 1MiB}",
                "main.sh": """
                echo '{"type":"log","level":"info","message":"attempt '$BOBBIN_ATTEMPT'"}' >>$BOBBIN_EVENTS
                echo "$BOBBIN_ATTEMPT" >$BOBBIN_RESULT; test $BOBBIN_ATTEMPT = 2
                """,
            ])
        let result = try await spool.result(of: "again")
        #expect(result.state == "succeeded", "\(result)")
        #expect(result.text("result.json") == "2\n" && result.text("attempts/1/result.json") == "1\n")
        #expect(result.text("log.jsonl")?.contains("attempt 2") == true)
        #expect(result.text("attempts/1/log.jsonl")?.contains("attempt 1") == true)
    }
}
