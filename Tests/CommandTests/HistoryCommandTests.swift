import Foundation
import History
import Runs
import Testing

@Suite struct HistoryCommandTests {
    /// Runs that are over, whose results somebody deleted.
    private func remember(_ spool: TestSpool, _ runs: [RunStatus]) async throws {
        let path = spool.spool.appendingPathComponent("history/history.sqlite").path
        let writer = try HistoryWriter(path: path)
        try await writer.record(
            runs.enumerated().map {
                HistoryRecord(status: $1, claim: Int64($0), manifest: "{\"title\":\"\($1.name)\"}")
            })
    }

    private func runs() throws -> [RunStatus] {
        var runs = [
            try TestSpool.status("a", .succeeded, at: 1_790_000_000_000, code: 0),
            try TestSpool.status("b", .failed, queue: "nightly", at: 1_790_000_001_000, code: 3),
            try TestSpool.status("a", .timedOut, at: 1_790_000_002_000),
        ]
        for (index, wall) in [10, 20_000, 900_000].enumerated() {
            runs[index].wallMilliseconds = Int64(wall)
            runs[index].cpuMilliseconds = 5
            runs[index].finishedAt = Timestamp(milliseconds: 1_790_000_000_000 + Int64(index) * 86_400_000)
        }
        runs[1].labels = [Label(key: "team", value: "red"), Label(key: "x", value: "\u{1B}[31m")]
        runs[1].runtime = "python"
        runs[1].parentRun = runs[0].run
        runs[2].reason = "it ran longer than its timeout"
        runs[2].parentRun = runs[1].run
        return runs
    }

    @Test(
        arguments: [
            ([], ["a", "b", "a"]), (["--queue", "nightly"], ["b"]),
            (["--state", "failed", "--state", "timed_out"], ["a", "b"]),
            (["--name", "a", "--limit", "1"], ["a"]), (["--owner", "nobody-else"], []), (["--since", "1s"], []),
            (["--state", "failed,timed_out"], ["a", "b"]), (["--name", "?", "--queue", "default"], ["a", "a"]),
            (["--exit-code", "1-5"], ["b"]), (["--exit-code", "0,3"], ["b", "a"]), (["--reason", "LONGER"], ["a"]),
            (["--label", "team=red"], ["b"]), (["--label", "team=red", "--label", "x=="], []),
            (["--longer-than", "1m"], ["a"]), (["--shorter-than", "1m"], ["b", "a"]),
            (["--runtime", "python,r"], ["b"]),
            (["--sort", "submitted_at:asc"], ["a", "b", "a"]), (["--sort", "wall_seconds"], ["a", "b", "a"]),
            (["--until", "2026-09-21T14:13:21Z", "--limit", "all"], ["a"]),
        ] as [([String], [String])])
    func filters(arguments: [String], names: [String]) async throws {
        let spool = try await TestSpool()
        try await remember(spool, runs())
        let answer = try await Program.run(["history", "--json"] + arguments, in: spool.directory)
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.lines.compactMap { RunStatus(json: Array($0.utf8))?.name.description } == names)
    }

    @Test func formats() async throws {
        let spool = try await TestSpool()
        let runs = try runs()
        try await remember(spool, runs)
        #expect(try await spool.bobbin("history", "--json").lines == runs.reversed().map { $0.json(pretty: false) })
        let csv = try await spool.bobbin("history", "--csv").output
        #expect(csv.hasPrefix("run,name,queue,state,exit_code,"))
        #expect(csv.components(separatedBy: "\r\n").count == 5)
        let table = try await spool.bobbin("history")
        #expect(table.lines.count == 4)
        #expect(table.lines.first?.hasPrefix("RUN") == true)
        #expect(table.lines.last?.contains("2026-09-21T14:13:20.000Z") == true, "UTC where it is no terminal")
    }

    @Test(arguments: [
        ["--state", "running"], ["--state", "nope"], ["--since", "nope"], ["--limit", "0"], ["--queue", "A b"],
        ["--json", "--csv"], ["--name", "a b"], ["--label", "=x"], ["--label", "x"], ["--longer-than", "-1s"],
        ["--exit-code", "5-2"], ["--exit-code", "x"], ["--reason", ""], ["--columns", ""], ["--after", "a"],
        ["--owner", "a,,b"],
        ["a", "--state", "failed"], ["a", "--csv"], ["--sort", "name:up"],
    ])
    func wrongFiltersAreUsage(arguments: [String]) async throws {
        let spool = try await TestSpool()
        let answer = try await Program.run(["history"] + arguments, in: spool.directory)
        #expect(answer.code == 64)
        #expect(!answer.errors.isEmpty)
    }

    @Test(arguments: [
        (["history", "--state", "faild"], "did you mean 'failed'?"),
        (["history", "--columns", "run,ownr"], "did you mean 'owner'?"),
        (["history", "--sort", "wall-second"], "did you mean 'wall_seconds'?"),
        (["history", "--ower", "x"], "--owner"),
        (["stats", "--by", "dy"], "did you mean 'day'?"), (["audit", "--action", "cancl"], "did you mean 'cancel'?"),
        (["history", "--since", "yesterdy"], "write a date 2026-11-01"),
    ])
    func whatIsNearIsSuggested(arguments: [String], hint: String) async throws {
        let spool = try await TestSpool()
        let answer = try await Program.run(arguments, in: spool.directory)
        #expect(answer.code == 64)
        #expect(answer.errors.contains(hint), "\(answer.errors)")
    }

    @Test func columnsOfChoice() async throws {
        let spool = try await TestSpool()
        try await remember(spool, runs())
        let columns = ["--columns", "name,wall_seconds,labels,claim,signal", "--limit", "2"]
        let table = try await Program.run(["history"] + columns, in: spool.directory)
        #expect(table.lines.first?.split(separator: " ") == ["NAME", "WALL_SECONDS", "LABELS", "CLAIM", "SIGNAL"])
        #expect(table.lines.last?.contains("20.0 s") == true && !table.output.contains("\u{1B}"))
        let csv = try await Program.run(["history", "--csv"] + columns, in: spool.directory)
        #expect(
            csv.output == "name,wall_seconds,labels,claim,signal\r\na,900.000,,2,\r\n"
                + "b,20.000,\"{\"\"team\"\":\"\"red\"\",\"\"x\"\":\"\"\\u001b[31m\"\"}\",1,\r\n")
        let json = try await Program.run(["history", "--json"] + columns, in: spool.directory)
        #expect(json.lines.first == #"{"name":"a","wall_seconds":900.000,"claim":2}"#)
    }

    @Test func pagesGoOnBehindARun() async throws {
        let spool = try await TestSpool()
        let runs = try runs()
        try await remember(spool, runs)
        let page = ["history", "--columns", "claim", "--csv", "--limit", "2", "--after"]
        let next = try await Program.run(page + [runs[2].run.description], in: spool.directory)
        #expect(next.output == "claim\r\n1\r\n0\r\n")
        let gone = try await Program.run(page + ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], in: spool.directory)
        #expect(gone.code == 66 && gone.errors.contains("01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    }

    @Test func oneRunWhole() async throws {
        let spool = try await TestSpool()
        let runs = try runs()
        try await remember(spool, runs)
        let shown = try await spool.bobbin("history", "b")
        #expect(shown.code == 0, "\(shown.errors)")
        for text in ["exit code  3", "label      team=red", "x=\\x1b[31m", "ATTEMPTS", "{\"title\":\"b\"}"] {
            #expect(shown.output.contains(text), "\(text) in \(shown.output)")
        }
        let attempts = shown.lines.filter { line in runs.contains { line.contains("\($0.run)  ") } }
        #expect(attempts.map { $0.hasPrefix(">") } == [false, true, false], "what it repeats, itself, what repeats it")
        let json = try await spool.bobbin("history", runs[1].run.description, "--json")
        #expect(json.lines.count == 1 && json.output.contains(#""manifest":{"title":"b"}"#))
        #expect(try await spool.bobbin("history", "absent").code == 66)
        #expect(try await spool.bobbin("history", String(runs[0].run.description.prefix(2))).code == 65)
    }

    @Test func statistics() async throws {
        let spool = try await TestSpool()
        try await remember(spool, runs())
        let days = try await spool.bobbin("stats", "--json")
        #expect(
            days.lines.first
                == #"{"day":"2026-09-23","runs":1,"succeeded":0,"wall_seconds":900.000,"cpu_seconds":0.005,"wait_seconds":0.000}"#
        )
        #expect(days.lines.count == 3)
        let csv = try await spool.bobbin("stats", "--by", "name,queue", "--csv", "--since", "2026-09-21T14:00:00Z")
        #expect(
            csv.output == "name,queue,runs,succeeded,wall_seconds,cpu_seconds,wait_seconds\r\n"
                + "a,default,2,1,900.010,0.010,0.000\r\nb,nightly,1,0,20.000,0.005,0.000\r\n")
        #expect(try await spool.bobbin("stats", "--by", "state", "--queue", "nightly").lines.count == 2)
        #expect(try await spool.bobbin("stats", "--until", "2026-09-22T00:00:00Z", "--json").lines.count == 1)
        let table = try await spool.bobbin("stats", "--by", "owner", "--name", "?")
        #expect(
            table.lines.first?.split(separator: " ") == ["OWNER", "RUNS", "SUCCEEDED", "WALL", "PROCESSOR", "WAITED"])
        #expect(table.lines.last?.contains("33%") == true)
    }

    @Test func audit() async throws {
        let spool = try await TestSpool()
        let writer = try HistoryWriter(path: spool.spool.appendingPathComponent("history/history.sqlite").path)
        try await writer.audit([
            AuditEntry(
                at: Timestamp(milliseconds: 1_790_000_000_000), uid: 1000, user: "ann", action: .cancel,
                queue: QueueName("default"), detail: "\u{1B}[2J", outcome: "done"),
            AuditEntry(at: Timestamp(milliseconds: 1_790_000_001_000), uid: 1001, action: .sweep, outcome: "refused"),
        ])
        let json = try await spool.bobbin("audit", "--json")
        #expect(
            json.lines == [
                #"{"at":"2026-09-21T14:13:21.000Z","uid":1001,"action":"sweep","outcome":"refused"}"#,
                #"{"at":"2026-09-21T14:13:20.000Z","uid":1000,"user":"ann","action":"cancel","queue":"default","detail":"\u001b[2J","outcome":"done"}"#,
            ])
        let table = try await spool.bobbin("audit", "--action", "cancel,retry", "--user", "ann")
        #expect(table.lines.count == 2 && table.output.contains("\\x1b[2J") && !table.output.contains("\u{1B}"))
        #expect(try await spool.bobbin("audit", "--csv", "--limit", "1").output.contains("1001,,sweep,,,,refused\r\n"))
    }

    @Test func deletedResultsAreFoundThere() async throws {
        let spool = try await TestSpool()
        let runs = try runs()
        try await remember(spool, runs)
        let status = try await spool.bobbin("status", "a", "--json")
        #expect(status.output == runs[2].json(pretty: false) + "\n")
        #expect(try await spool.bobbin("wait", "b").code == 3)
        #expect(try await spool.bobbin("status", String(runs[0].run.description.prefix(24))).code == 0)
        let logs = try await spool.bobbin("logs", "b")
        #expect(logs.code == 1)
        #expect(logs.errors.contains("was deleted"))
    }

    @Test func withoutAHistoryItSaysSo() async throws {
        let spool = try await TestSpool()
        let answer = try await spool.bobbin("history")
        #expect(answer.code == 66)
        #expect(answer.errors.contains("the daemon makes it when it starts"))
    }
}
