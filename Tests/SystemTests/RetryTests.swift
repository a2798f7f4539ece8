import Foundation
import Glibc
import Runs
import Testing

/// `bobbin retry` and `bobbin show`: an archived bundle, byte for byte what was sent.
@Suite(.inTurn) struct RetryTests {
    @Test(arguments: TemporarySpool.Mode.possible)
    func everyFormRunsAgain(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("script.sh", script: "echo script; cat; exit 3")
            try spool.drop(
                "tree", files: ["manifest.yaml": "input: {n: 1}", "main.sh": "cat data/x; cat", "data/x": "data "])
            try await spool.shell(
                "mkdir arc; echo 'echo arc; rm main.sh' >arc/main.sh; tar czf \"$INBOX/.arc\" arc; mv \"$INBOX/.arc\" \"$INBOX/arc.tar.gz\""
            )
            let first = [
                try await spool.result(of: "script.sh"), try await spool.result(of: "tree"),
                try await spool.result(of: "arc.tar.gz"),
            ]
            for (name, before) in zip(["script", "tree", "arc"], first) {
                let retry = try await spool.bobbin("retry", name, "--wait")
                #expect(retry.code == (name == "script" ? 3 : 0), "\(retry.output)")
                let result = try await spool.result(named: name)
                #expect(result.run == retry.output.split(separator: "\n").first.map(String.init))
                #expect(result.run != before.run)
                #expect(result.status["parent_run"] as? String == before.run)
                #expect(result.stdout == before.stdout, "\(result)")
                #expect(result.status["owner"] as? String == before.status["owner"] as? String)
                #expect(result.status["bundle_sha256"] as? String == before.status["bundle_sha256"] as? String)
                #expect(result.text("manifest.json") == before.text("manifest.json"))
                // A retry can be retried.
                #expect(try await spool.bobbin("retry", result.run).code == 0)
            }
            let changed = try await spool.bobbin("retry", first[1].run, "--input", #"{"n": 2.50}"#, "--wait")
            #expect(changed.code == 0, "\(changed.output)")
            #expect(try await spool.result(named: "tree").stdout == #"data {"n":2.50}"#)
            let read = try await spool.bobbin("retry", first[1].run, "--read-manifest", "--wait")
            #expect(read.code == 0, "\(read.output)")
            #expect(try await spool.result(named: "tree").stdout == #"data {"n":1}"#)
            let sent = try await spool.bobbin(
                "submit", try spool.makeDirectory(["main.sh": "cat"]), "--name", "beside", "--input", "[7]", "--wait")
            #expect(sent.code == 0, "\(sent.output)")
            for option in ["--yes", "--read-manifest"] {
                let again = try await spool.bobbin("retry", sent.output.prefix(26).description, option, "--wait")
                #expect(again.code == 0, "\(again.output)")
                let run = String(again.output.prefix(26))
                let found = try await spool.bobbin("logs", run)
                #expect(found.output == "[7]", "\(found.output)")
            }
            try await eventually("nothing is left of the requests") {
                try await spool.shell("ls control/requests".inSpool, as: spool.owner).isEmpty
            }
        }
    }

    @Test func manyAreChosenByFiltersAndCounted() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            for number in 0..<3 {
                try spool.drop("f\(number).sh", script: "exit 1")
                try spool.drop("g\(number).sh", script: "exit 0")
                _ = try await spool.result(of: "f\(number).sh")
                _ = try await spool.result(of: "g\(number).sh")
            }
            try await eventually("all are remembered") {
                try TemporarySpool.objects(try await spool.bobbin("history", "--json", as: spool.owner)).count == 6
            }
            let asked = try await spool.bobbin("retry", "--state", "failed", "--name", "f*", as: spool.owner)
            #expect(asked.code == 64 && asked.output.contains("3 runs would be retried; say --yes"), "\(asked.output)")
            #expect(spool.results().count == 6)
            let none = try await spool.bobbin("retry", "--state", "killed", "--yes", as: spool.owner)
            #expect(none.code == 66)
            let both = try await spool.bobbin("retry", "f1", "--state", "failed", as: spool.owner)
            #expect(both.code == 64)
            let retried = try await spool.bobbin(
                "retry", "--state", "failed", "--name", "f*", "--yes", "--wait", as: spool.owner)
            #expect(retried.code == 1, "as the scripts")
            #expect(retried.output.split(separator: "\n").count == 3, "\(retried.output)")
            #expect(spool.results().count == 9)
            #expect(Set(spool.results(named: "f0").compactMap { $0.status["owner"] as? String }).count == 1)
        }
    }

    @Test func aBundleIsTakenOutAsItWasSent() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try await spool.shell(
                """
                mkdir out; printf '#!/bin/sh\\necho hi\\n' >tool; chmod 755 tool
                mkdir tree; echo 'echo x' >tree/main.sh; ln -s main.sh tree/link; tar czf a.tar.gz tree
                for f in tool tree a.tar.gz; do cp -r $f "$INBOX/.$f"; mv "$INBOX/.$f" "$INBOX/$f"; done
                """)
            for entry in ["tool", "tree", "a.tar.gz"] { _ = try await spool.result(of: entry) }
            for (name, entry) in [("tool", "tool"), ("a", "a.tar.gz")] {
                let shown = try await spool.bobbin("show", name, "--bundle", "out/\(name)")
                #expect(shown.code == 0, "\(shown.output)")
                try await spool.shell("cmp \(entry) out/\(name)/\(entry); ls out/\(name) | wc -l | grep -qx 1")
            }
            try await spool.shell("test -x out/tool/tool")
            #expect(try await spool.bobbin("show", "tree", "--bundle", "out/tree").code == 0)
            try await spool.shell("diff -r tree out/tree; test -L out/tree/link")
            let full = try await spool.bobbin("show", "tree", "--bundle", "out/tree")
            #expect(full.code == 73 && full.output.contains("not empty"), "\(full.output)")
        }
    }

    @Test func whatCannotBeRetriedIsSaid() async throws {
        let retention = "retention: {sweep_every: 1s, archive: {age: 2s, failed_age: 2s}}"
        try await withDaemon(settings: Brisk.settings(slots: 2, retention)) { daemon in
            let spool = daemon.spool
            try spool.drop("bad", files: ["manifest.yaml": "timout: 1", "main.sh": ""])
            try spool.drop("swept.sh", script: "echo swept")
            _ = try await spool.result(of: "bad")
            _ = try await spool.result(of: "swept.sh")
            try spool.drop("now.sh", script: "sleep 60")
            let running = try await spool.run(of: "now", in: "running")
            let rejected = try await spool.bobbin("retry", "bad")
            #expect(rejected.code == 1 && rejected.output.contains("was rejected"), "\(rejected.output)")
            let unfinished = try await spool.bobbin("retry", running)
            #expect(unfinished.code == 1 && unfinished.output.contains("not over yet"), "\(unfinished.output)")
            let unknown = try await spool.bobbin("retry", "nothing")
            #expect(unknown.code == 66, "\(unknown.output)")
            try await eventually("its bundle is swept") {
                try await spool.shell("ls state/archive".inSpool, as: spool.owner).isEmpty
            }
            let swept = try await spool.bobbin("retry", "swept", "--queue", "default")
            #expect(swept.code == 1 && swept.output.contains("was swept (retention.archive)"), "\(swept.output)")
            if spool.mode == .root {
                try spool.drop("mine.sh", script: "echo mine")
                _ = try await spool.result(of: "mine.sh")
                let stranger = try await spool.bobbin("retry", "mine", as: 64777)
                #expect(stranger.code == 1 && stranger.output.contains("another user's run"), "\(stranger.output)")
            }
            let audit = try await spool.bobbin("audit", "--action", "retry", "--json", as: spool.owner)
            #expect(audit.output.contains("refused"), "\(audit.output)")
        }
    }

    /// A request is a file that anybody can make: what is none goes, and nothing else with it.
    @Test func nonsenseIsTakenAwayAndHarmsNobody() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let requests = spool.path + "/control/requests"
            try await spool.shell(
                """
                mkdir "$SCRATCH/tree"; echo keep >"$SCRATCH/tree/file"
                cd "$SPOOL/control/requests"
                id() { printf '01M8000000000000000000000%s' $1; }
                echo nonsense >$(id 0); : >$(id 1); mkfifo $(id 2); mkdir $(id 3); ln -s /etc/shadow $(id 4)
                head -c 3000000 /dev/zero >$(id 5); echo '{"request": "sweep"}' >other-name; touch -- -rf
                (umask 777; echo '{"request": "bundle", "run": "01M80000000000000000000009"}' >$(id 6))
                mv "$SCRATCH/tree" $(id 7)
                """)
            try spool.drop("alive.sh", script: "echo alive")
            try await spool.expect("alive.sh", prints: "alive\n")
            let tree = "01M80000000000000000000007"
            try await eventually("all but the tree is taken away") {
                try FileManager.default.contentsOfDirectory(atPath: requests) == [tree]
            }
            #expect(try await spool.shell("cat \(requests)/\(tree)/file", as: geteuid()) == "keep\n")
            try await eventually("it is said") { daemon.log.contains("is no request and is removed") }
            #expect(daemon.isAlive)
        }
    }

    /// A further name of somebody's file, or one that others may write, does not say that its owner asks.
    @Test(.enabled(if: geteuid() == 0, "takes root")) func nobodyAsksInAnothersName() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let (shared, run) = ("\(spool.scratch)/shared", RunID.new().description)
            try Data(#"{"request": "sweep"}"#.utf8).write(to: URL(fileURLWithPath: shared))
            #expect(chmod(shared, 0o666) == 0)
            try await spool.shell("ln \(shared) \"$SPOOL/control/requests/\(run)\"")
            try await eventually("it is refused") { daemon.log.contains("is no request and is removed") }
            try await eventually("it is gone") { !spool.exists(spool.path + "/control/requests/\(run)") }
            let audit = try await spool.bobbin("audit", "--action", "sweep", "--json", as: spool.owner)
            #expect(audit.output.isEmpty, "\(audit.output)")
        }
    }

    @Test func aChosenRunIdMustBeOneThatADropMayHave() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("own.sh", script: "echo own")
            let parent = try await spool.result(of: "own.sh").run
            // The year 2100: the history would remember it as the newest that it forgot.
            for run in ["3Q00000000" + "0123456789ABCDEF", "0000000000" + "0123456789ABCDEF"] {
                let request = ##"{"request":"retry","parent":"\##(parent)","run":"\##(run)"}"##
                let name = RunID.new().description
                try await spool.shell("echo '\(request)' >\"$SPOOL/control/requests/\(name)\"")
                let answer = spool.path + "/control/answers/\(name)"
                try await eventually("it is refused") {
                    (try? String(contentsOfFile: answer, encoding: .utf8))?.contains(#""end":"refused""#) == true
                }
            }
            #expect(spool.results().count == 1)
        }
    }

    /// Who may not drop there any more may not have a run made there either.
    @Test(.enabled(if: geteuid() == 0, "takes root")) func aClosedQueueIsClosedToRetries() async throws {
        try await withDaemon(.root, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("own.sh", script: "echo own")
            _ = try await spool.result(of: "own.sh")
            #expect(chmod(spool.inbox(), 0o2750) == 0)
            let retry = try await spool.bobbin("retry", "own")
            #expect(retry.code == 1 && retry.output.contains("may not drop into queue"), "\(retry.output)")
            #expect(try await spool.bobbin("retry", "own", as: spool.owner).code == 0)
        }
    }

    @Test func aStopDoesNotWaitForRequests() async throws {
        try await withDaemon(settings: Brisk.settings("retention: {sweep_every: never}")) { daemon in
            let spool = daemon.spool
            try await spool.shell(
                """
                cd "$SPOOL/control/requests"
                for n in $(seq 10 40); do echo '{"request": "sweep", "dry_run": true}' >01M800000000000000000000$n; done
                """, as: spool.owner)
            #expect(try await daemon.stop(within: .seconds(20)) == .exited(0))
        }
    }

    /// Asked for before a crash, it runs once.
    @Test func aRequestThatACrashMeetsIsDoneOnce() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("crash.sh", script: "echo crash")
            let parent = try await spool.result(of: "crash.sh").run
            for round in 0..<6 {
                let run = RunID.new().description
                let request = #"{"request":"retry","parent":"\#(parent)","run":"\#(run)"}"#
                try await spool.shell("echo '\(request)' >\"$SPOOL/control/requests/\(run)\"", as: spool.dropper)
                usleep(UInt32(round) * 8_000)
                try await daemon.restartAfterKill()
                let result = try await spool.result(ofRun: run, named: "crash")
                #expect(["succeeded", "interrupted"].contains(result.state ?? ""), "\(result)")
            }
            try await eventually("nothing is left") {
                try await spool.shell("ls control/requests state/runs".inSpool, as: spool.owner)
                    .split(separator: "\n").allSatisfy { $0.hasSuffix(":") || $0.isEmpty }
            }
        }
    }
}
