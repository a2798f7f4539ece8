import Foundation
import Glibc
import Runs
import Testing

/// THREATS 9: the same run id again, before, during and after; from two writers at once, after a crash, after its result was
/// deleted. (Without a crash: `RunIDTests` and `DropsAgainTests`.)
@Suite(.inTurn) struct SendingAgainTests {
    private func copies(_ daemon: Daemon, of run: RunID) -> Int {
        daemon.log.components(separatedBy: "run \(run) is known with the same content").count - 1
    }

    /// Neither knows of the other: each renames its copies in, under two names and at the same moment.
    @Test(arguments: TemporarySpool.Mode.possible)
    func fromTwoWritersAtOnceItIsOneRun(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 2)) { daemon in
            let spool = daemon.spool
            let runs = (0..<30).map { _ in RunID.new() }
            let copies = try runs.map { run in
                try (0..<2).map { _ in try spool.makeFile(Array("echo \(run) $BOBBIN_ATTEMPT".utf8)) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<2 {
                    group.addTask {
                        for (number, run) in runs.enumerated() {
                            try spool.move(copies[number][writer], to: "w\(writer)-\(number).\(run).sh")
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("the inbox is empty") {
                try FileManager.default.contentsOfDirectory(atPath: spool.inbox()).isEmpty
            }
            try await eventually("each has a result") { spool.results().count >= runs.count }
            try await eventually("nothing is left to do") {
                try await spool.shell("ls state/runs".inSpool, as: spool.owner).isEmpty
            }
            let results = spool.results()
            #expect(Set(results.map(\.run)) == Set(runs.map(\.description)))
            #expect(results.count == runs.count)
            for result in results { #expect(result.stdout == "\(result.run) 1\n", "\(result)") }
            for run in runs { #expect(self.copies(daemon, of: run) == 1) }
        }
    }

    enum Moment: String, CaseIterable, Sendable { case waiting, running, finished, deleted }

    /// The daemon is killed when the run is there; the same is sent again before the next start, and once more after it.
    @Test(arguments: Moment.allCases, TemporarySpool.Mode.possible)
    func afterACrash(_ moment: Moment, _ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            let run = RunID.new()
            let entry = "sent.\(run).sh"
            let script = moment == .running ? "echo once; \(Held.here)" : "echo once"
            if moment == .waiting { try await spool.ask("pause/default") }
            try spool.drop(entry, script: script)
            switch moment {
            case .waiting: try await spool.run(of: "sent", in: "queued")
            case .running: try await eventually("it runs") { spool.live("sent")?.stdout == "once\n" }
            case .finished: _ = try await spool.result(ofRun: "\(run)", named: "sent")
            case .deleted:
                let result = try await spool.result(ofRun: "\(run)", named: "sent")
                try await spool.shell("rm -r '\(result.path)' $OUTBOX/sent")
            }
            await daemon.kill()
            try spool.drop(entry, script: script)
            try await daemon.start()
            try await spool.taken(entry)
            if moment == .waiting { try await spool.takeBack("pause/default") }
            try await eventually("nothing is left to do") {
                try await spool.shell("ls state/runs".inSpool, as: spool.owner).isEmpty
            }
            try spool.drop(entry, script: script)
            try await spool.taken(entry)
            try await eventually("both copies are known") { copies(daemon, of: run) == 2 }
            let results = spool.results()
            if moment == .deleted {
                #expect(results.isEmpty, "its reader has it")
            } else {
                #expect(results.map(\.run) == ["\(run)"])
                #expect(results.first?.state == (moment == .running ? "interrupted" : "succeeded"))
                #expect(results.first?.stdout == "once\n")
            }
        }
    }

    /// An archive, which must be unpacked before it is known to be the same, and a directory, which is hashed as a tree.
    @Test(arguments: ["archive", "directory"]) func whateverItsForm(_ form: String) async throws {
        try await withDaemon(settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            let run = RunID.new()
            try await spool.shell(
                "mkdir tree; echo 'echo $BOBBIN_ATTEMPT' >tree/main.sh; head -c 100000 /dev/urandom >tree/data; tar czf tree.tgz tree"
            )
            func send() async throws {
                let command =
                    form == "archive"
                    ? "cp tree.tgz $N.tgz; mv $N.tgz $INBOX/it.\(run).tgz" : "cp -a tree $N; mv -T $N $INBOX/it.\(run)"
                try await spool.shell(command, environment: ["N": spool.freshName("copy")])
                try await spool.taken(form == "archive" ? "it.\(run).tgz" : "it.\(run)")
            }
            try await send()
            #expect(try await spool.result(ofRun: "\(run)", named: "it").stdout == "1\n")
            try await send()
            try await daemon.restartAfterKill()
            try await send()
            try await eventually("both are known") { copies(daemon, of: run) == 2 }
            #expect(spool.results().map(\.run) == ["\(run)"])
        }
    }
}
