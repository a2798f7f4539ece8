import Foundation
import Glibc
import Runs
import Testing

/// The manifest's `retry`: one run, one result, several attempts.
@Suite(.inTurn) struct AttemptTests {
    /// Ends well at its third attempt; each leaves something of its own.
    private static let third = """
        echo "attempt $BOBBIN_ATTEMPT"; echo "err $BOBBIN_ATTEMPT" >&2
        ls >seen; echo "$BOBBIN_ATTEMPT" >"file$BOBBIN_ATTEMPT"
        [ "$BOBBIN_ATTEMPT" = 3 ] || exit $((BOBBIN_ATTEMPT + 10))
        """

    private static func retry(_ keys: String) -> String { "retry: {\(keys)}" }

    @Test(arguments: TemporarySpool.Mode.possible)
    func everyAttemptIsKeptAndTheLastCounts(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "flaky",
                files: [
                    "manifest.yaml": Self.retry("attempts: 5, wait: 100ms, factor: 1.5, on: [failed]"),
                    "main.sh": Self.third,
                ])
            let result = try await spool.result(named: "flaky")
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.text("exit_code") == "0\n")
            #expect(result.status["attempt"] as? Int == 3)
            #expect(result.status["retry_at"] == nil && result.status["reason"] == nil)
            #expect(result.stdout == "attempt 3\n")
            #expect(result.text("stderr") == "err 3\n")
            // Each begins with the bundle as it was sent.
            #expect(result.text("files/seen") == "main.sh\nmanifest.yaml\nseen\n")
            #expect(result.has("files/file3") && !result.has("files/file2"))
            for attempt in 1...2 {
                let earlier = ResultDirectory(path: "\(result.path)/attempts/\(attempt)")
                #expect(earlier.text("state") == "failed\n")
                #expect(earlier.text("exit_code") == "\(attempt + 10)\n")
                #expect(earlier.stdout == "attempt \(attempt)\n")
                #expect(earlier.text("stderr") == "err \(attempt)\n")
                #expect(earlier.text("files/file\(attempt)") == "\(attempt)\n")
                #expect(earlier.status["attempt"] as? Int == attempt)
                #expect(earlier.status["reason"] as? String == "exit code \(attempt + 10)")
            }
            #expect(!result.has("attempts/3"))
            // All of it is the dropper's to read and to delete.
            try await spool.shell("cat \"$OUTBOX\"/flaky/attempts/*/stdout \"$OUTBOX\"/flaky/attempts/1/files/seen")
            #expect(try await spool.bobbin("logs", "flaky", "--attempt", "1").output == "attempt 1\n")
            #expect(try await spool.bobbin("logs", "flaky", "--attempt", "3").output == "attempt 3\n")
            #expect(try await spool.bobbin("logs", "flaky", "--attempt", "4").code == 66)
            try await eventually("it is remembered") { !spool.exists(spool.path + "/state/runs/\(result.run)") }
            let whole = try await spool.bobbin("history", result.run, as: spool.owner)
            for code in ["11", "12", "0"] { #expect(whole.output.contains(" \(code)"), "\(whole.output)") }
            #expect(whole.output.split(separator: "\n").filter { $0.contains("exit code 1") }.count == 2)
            let json = try TemporarySpool.objects(
                try await spool.bobbin("history", result.run, "--json", as: spool.owner))
            let attempts = try #require(json.first?["attempts"] as? [[String: Any]])
            #expect(attempts.map { $0["exit_code"] as? Int } == [11, 12])
            try await spool.shell("rm -r \"$OUTBOX\"/flaky.*")
        }
    }

    @Test func whoNeverSucceedsEndsAsTheLastAttemptDid() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "never",
                files: [
                    "manifest.yaml": Self.retry("attempts: 2, wait: 50ms"), "main.sh": "echo $BOBBIN_ATTEMPT; exit 7",
                ])
            let result = try await spool.result(named: "never")
            #expect(result.state == "failed" && result.text("exit_code") == "7\n", "\(result)")
            #expect(result.status["attempt"] as? Int == 2)
            #expect(result.stdout == "2\n" && result.text("attempts/1/stdout") == "1\n")
            // A state that `on` does not name, and success.
            try spool.drop(
                "other",
                files: ["manifest.yaml": Self.retry("attempts: 3, wait: 50ms, on: [timed_out]"), "main.sh": "exit 1"])
            let other = try await spool.result(named: "other")
            #expect(other.state == "failed" && other.status["attempt"] as? Int == 1 && !other.has("attempts"))
        }
    }

    /// What the script left is judged before it is decided whether there is another attempt.
    @Test func whatItLeftCounts() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let script = "if [ $BOBBIN_ATTEMPT = 1 ]; then head -c 3000 /dev/zero >big; else echo ok >out; fi"
            try spool.drop(
                "left",
                files: [
                    "manifest.yaml": """
                    retry: {attempts: 3, wait: 50ms, on: [limit_exceeded, invalid_output]}
                    limits: {output: 2000}
                    outputs: [{path: out, required: true}]
                    """, "main.sh": script,
                ])
            let result = try await spool.result(named: "left")
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.text("files/out") == "ok\n")
            #expect(result.text("attempts/1/state") == "limit_exceeded\n")
            #expect(!result.has("attempts/1/exit_code"))
        }
    }

    @Test func whileItWaitsItSaysSoAndHoldsNoSlot() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "slow",
                files: [
                    "manifest.yaml": Self.retry("attempts: 2, wait: 1h, max_wait: 1h"),
                    "main.sh": "echo tried; exit 3",
                ])
            try await eventually("it waits") { spool.live("slow")?.status["retry_at"] != nil }
            let live = try #require(spool.live("slow"))
            #expect(live.state == "queued")
            #expect(
                live.status["reason"] as? String ?? ""
                    == "attempt 1 of 2 ended failed (exit code 3); the next begins at "
                    + "\(live.status["retry_at"] as? String ?? "")")
            #expect(live.text("attempts/1/exit_code") == "3\n")
            try spool.drop("next.sh", script: "echo next")
            #expect(try await spool.result(named: "next").stdout == "next\n")
            let ps = try await spool.bobbin("ps")
            #expect(ps.output.contains("attempt 2 at "), "\(ps.output)")
            let run = try #require(live.status["run"] as? String)
            #expect(try await spool.bobbin("cancel", run).code == 0)
            let result = try await spool.result(ofRun: run, named: "slow")
            #expect(result.state == "cancelled", "\(result)")
            #expect(result.reason.contains("before attempt 2 began"))
            #expect(result.text("attempts/1/exit_code") == "3\n")
            // No attempt has its output beside it: what was printed last is what the first one printed.
            #expect(try await spool.bobbin("logs", run).output == "tried\n")
            #expect(try await spool.bobbin("logs", run, "--attempt", "1").output == "tried\n")
            try await eventually("the wish is gone") { !spool.exists(spool.path + "/control/cancel/\(run)") }
        }
    }

    /// The wait goes on where it was, and the attempts are counted on.
    @Test func aWaitSurvivesRestarts() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            let manifest = Self.retry("attempts: 3, wait: 3s, factor: 1, on: [failed, interrupted]")
            try spool.drop("again", files: ["manifest.yaml": manifest, "main.sh": Self.third])
            try spool.drop(
                "long",
                files: ["manifest.yaml": Self.retry("attempts: 2, wait: 1h, max_wait: 1h"), "main.sh": "exit 1"])
            try await eventually("both wait") {
                spool.live("again")?.status["retry_at"] != nil && spool.live("long")?.status["retry_at"] != nil
            }
            let retryAt = spool.live("long")?.status["retry_at"] as? String
            try await daemon.restartAfterKill()
            try await daemon.stop()
            try await daemon.start()
            let result = try await spool.result(named: "again")
            #expect(result.state == "succeeded" && result.status["attempt"] as? Int == 3, "\(result)")
            #expect(result.text("attempts/1/stdout") == "attempt 1\n")
            #expect(result.text("attempts/2/stdout") == "attempt 2\n")
            #expect(spool.live("long")?.status["retry_at"] as? String == retryAt)
        }
    }

    /// Interrupted by a crash, by the launcher's death and by a stop: tried again if the manifest says so.
    @Test func whatWasInterruptedIsTriedAgainIfItsManifestSaysSo() async throws {
        try await withDaemon(settings: Brisk.settings(slots: 2)) { daemon in
            let spool = daemon.spool
            let script = "echo $BOBBIN_ATTEMPT; echo x >left$BOBBIN_ATTEMPT; [ $BOBBIN_ATTEMPT = 3 ] || sleep 60"
            try spool.drop(
                "hit",
                files: ["manifest.yaml": Self.retry("attempts: 3, wait: 50ms, on: [interrupted]"), "main.sh": script])
            try spool.drop("once.sh", script: "echo once; sleep 60")
            try await eventually("both run") {
                spool.live("hit")?.stdout == "1\n" && spool.live("once")?.stdout == "once\n"
            }
            try await daemon.restartAfterKill()
            try await eventually("it runs again") { spool.live("hit")?.stdout == "2\n" }
            try await daemon.stop()
            try await daemon.start()
            let hit = try await spool.result(named: "hit")
            #expect(hit.state == "succeeded" && hit.stdout == "3\n", "\(hit)")
            for attempt in 1...2 {
                #expect(hit.text("attempts/\(attempt)/state") == "interrupted\n")
                #expect(hit.text("attempts/\(attempt)/stdout") == "\(attempt)\n")
                #expect(hit.has("attempts/\(attempt)/files/left\(attempt)"))
            }
            #expect(try await spool.result(named: "once").state == "interrupted")
        }
    }

    @Test func theQueueSaysHowOften() async throws {
        let settings = Brisk.settings(slots: 2, "queues: {default: {max_attempts: 2}}")
        try await withDaemon(settings: settings) { daemon in
            let spool = daemon.spool
            try spool.drop("many", files: ["manifest.yaml": Self.retry("attempts: 3"), "main.sh": "true"])
            let result = try await spool.result(named: "many")
            #expect(result.state == "rejected", "\(result)")
            #expect(
                result.reason == "manifest.yaml:1:19: 'attempts' is 3; at most 2 is allowed in queue 'default'",
                "\(result)"
            )
            try spool.drop("two", files: ["manifest.yaml": Self.retry("wait: 10ms"), "main.sh": "exit 1"])
            #expect(try await spool.result(named: "two").status["attempt"] as? Int == 2)
        }
    }

    /// A reader who puts something in the way of an earlier attempt, or takes it away, ends nothing.
    @Test(arguments: ["rm -rf attempts; touch attempts", "rm -rf attempts", "rm -rf \"$PWD\""])
    func readersMayMeddle(_ meddling: String) async throws {
        try await withDaemon(.rootless, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "meddled",
                files: ["manifest.yaml": Self.retry("attempts: 3, wait: 1s, factor: 1"), "main.sh": Self.third])
            try await eventually("it waits") { spool.live("meddled")?.status["retry_at"] != nil }
            try await spool.shell("cd active/default/meddled.*; \(meddling)".inSpool)
            let result = try await spool.result(named: "meddled", within: .seconds(30))
            #expect(result.state == "succeeded" && result.stdout == "attempt 3\n", "\(result)")
            #expect(result.text("attempts/2/stdout") == "attempt 2\n")
        }
    }
}
