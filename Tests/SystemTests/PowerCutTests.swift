import Foundation
import Glibc
import Runs
import Testing

/// What another boot of the machine finds, of which only what was flushed is to be believed. `make test-vm` cuts the power of a
/// real machine; here the daemon is killed, and what a disk may have lost is taken away by hand.
@Suite(.inTurn) struct PowerCutTests {
    private static let settings = Brisk.settings(slots: 1)

    /// Says that the records are of another boot, as the mark of the last flush does.
    private func anotherBoot(_ spool: TemporarySpool, flushes: Int64? = nil) throws {
        let path = spool.path + "/state/flushed"
        let words = try #require(try? String(contentsOfFile: path, encoding: .utf8)).split(separator: " ")
        let mark = "\(flushes.map(String.init) ?? String(words[0])) 01234567-89ab-cdef-0123-456789abcdef"
        try overwrite(path, mark + String(repeating: " ", count: 63 - mark.utf8.count) + "\n")
    }

    /// Keeps owner and mode.
    private func overwrite(_ path: String, _ text: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private func append(_ line: String, toRecordOf run: String, _ spool: TemporarySpool) throws {
        let file = try #require(FileHandle(forWritingAtPath: spool.path + "/state/runs/\(run)/run.json"))
        try file.seekToEnd()
        try file.write(contentsOf: Data((line + "\n").utf8))
        try file.close()
    }

    private func status(_ state: RunState, of run: String, named name: String, started: Bool = true) throws -> String {
        var status = RunStatus(
            run: try #require(RunID(run)), name: try #require(BundleName(name)),
            queue: try #require(QueueName("default")), state: state, owner: "x", submittedAt: .now())
        if started {
            status.attempt = 1
            status.startedAt = .now()
        }
        if state == .succeeded { status.exitCode = 0 }
        let json = status.json(pretty: false)
        return String(decoding: try JSONEncoder().encode(json), as: UTF8.self)
    }

    /// One runs for ever, so the others wait; then the daemon is killed.
    private func killedWhileWaiting(
        _ files: [String: [String: String]], _ body: (Daemon, [String: String]) async throws -> Void
    ) async throws {
        try await withDaemon(settings: Self.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("first.sh", script: "echo part; sleep 600")
            var runs = ["first": try await spool.run(of: "first", in: "running")]
            for (name, files) in files {
                try spool.drop(name, files: files)
                runs[name] = try await spool.run(of: name, in: "queued")
            }
            await daemon.kill()
            try await body(daemon, runs)
        }
    }

    @Test func aTornBundleIsMadeAgainOfWhatWasSent() async throws {
        let files = ["directory": ["main.sh": "echo whole; cat data", "data": "data\n"]]
        try await killedWhileWaiting(files) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["directory"])
            // What ext4 leaves of files that were never flushed.
            try overwrite("\(spool.path)/state/runs/\(run)/bundle/main.sh", "")
            try anotherBoot(spool)
            try await daemon.start()
            let result = try await spool.result(named: "directory")
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.stdout == "whole\ndata\n", "\(result)")
        }
    }

    @Test func aBundleThatCannotBeMadeAgainSaysSo() async throws {
        try await killedWhileWaiting(["directory": ["main.sh": "echo whole"]]) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["directory"])
            try overwrite("\(spool.path)/state/runs/\(run)/sent/main.sh", "echo another")
            try anotherBoot(spool)
            try await daemon.start()
            let result = try await spool.result(named: "directory")
            #expect(result.state == "errored", "\(result)")
            #expect((result.status["reason"] as? String)?.contains("damaged") == true, "\(result)")
        }
    }

    @Test func aDaemonKilledWhileMakingABundleAgainMakesItAgain() async throws {
        try await killedWhileWaiting(["directory": ["main.sh": "echo whole"]]) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["directory"])
            try await Command.check(["rm", "-r", "\(spool.path)/state/runs/\(run)/bundle"])
            try await daemon.start()
            let result = try await spool.result(named: "directory")
            #expect(result.stdout == "whole\n", "\(result)")
        }
    }

    /// The script ended, but what it printed may never have come to the disk: it is not shown as if that were all.
    @Test(arguments: ["ended", "finished"]) func aResultThatWasNotFlushedIsInterrupted(_ step: String) async throws {
        try await killedWhileWaiting([:]) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["first"])
            let flush = step == "finished" ? #","flush":1000000"# : ""
            let status = try status(.succeeded, of: run, named: "first")
            try append(#"{"step":"\#(step)","status":\#(status)\#(flush)}"#, toRecordOf: run, spool)
            try anotherBoot(spool)
            try await daemon.start()
            let result = try await spool.result(named: "first")
            #expect(result.state == "interrupted", "\(result)")
            try await daemon.restartAfterKill()
            #expect(try await spool.result(named: "first").state == "interrupted")
            #expect(spool.results(named: "first").count == 1)
        }
    }

    /// It may have been seen: its rename need not have come to the disk.
    @Test func aResultThatWasFlushedIsPublishedAsItWas() async throws {
        try await killedWhileWaiting([:]) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["first"])
            let status = try status(.succeeded, of: run, named: "first")
            try append(#"{"step":"finished","status":\#(status),"flush":1000000}"#, toRecordOf: run, spool)
            try anotherBoot(spool, flushes: 1_000_000)
            try await daemon.start()
            let result = try await spool.result(named: "first")
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.stdout == "part\n", "\(result)")
        }
    }

    /// In the boot that wrote it all of it is believed, flushed or not.
    @Test func aCrashOfTheDaemonAloneLosesNothing() async throws {
        try await killedWhileWaiting([:]) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["first"])
            let status = try status(.succeeded, of: run, named: "first")
            try append(#"{"step":"ended","status":\#(status)}"#, toRecordOf: run, spool)
            try await daemon.start()
            #expect(try await spool.result(named: "first").state == "succeeded")
        }
    }

    /// What goes back to its owner is copied from what was sent, again.
    @Test func aRejectionThatWasNotFlushedIsMadeAgain() async throws {
        try await killedWhileWaiting(["directory": ["main.sh": "echo whole"]]) { daemon, runs in
            let spool = daemon.spool
            let run = try #require(runs["directory"])
            let record = "\(spool.path)/state/runs/\(run)/run.json"
            let claim = try #require(
                try String(contentsOfFile: record, encoding: .utf8).split(separator: "\n").first.map(String.init))
            try overwrite(record, claim + "\n")
            let status = try status(.rejected, of: run, named: "directory", started: false)
            try append(#"{"step":"finished","status":\#(status),"flush":1000000}"#, toRecordOf: run, spool)
            try anotherBoot(spool)
            try await daemon.start()
            // It was none that had to be rejected.
            let result = try await spool.result(named: "directory")
            #expect(result.state == "succeeded", "\(result)")
        }
    }
}
