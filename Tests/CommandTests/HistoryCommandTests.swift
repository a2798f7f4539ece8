import Foundation
import History
import Runs
import Testing

@Suite struct HistoryCommandTests {
    /// Runs that are over, whose results somebody deleted.
    private func remember(_ spool: TestSpool, _ runs: [RunStatus]) async throws {
        let path = spool.spool.appendingPathComponent("history/history.sqlite").path
        let writer = try HistoryWriter(path: path)
        try await writer.record(runs.enumerated().map { HistoryRecord(status: $1, claim: Int64($0)) })
    }

    private func runs() throws -> [RunStatus] {
        [
            try TestSpool.status("a", .succeeded, at: 1_790_000_000_000, code: 0),
            try TestSpool.status("b", .failed, queue: "nightly", at: 1_790_000_001_000, code: 3),
            try TestSpool.status("a", .timedOut, at: 1_790_000_002_000),
        ]
    }

    @Test(
        arguments: [
            ([], ["a", "b", "a"]), (["--queue", "nightly"], ["b"]),
            (["--state", "failed", "--state", "timed_out"], ["a", "b"]),
            (["--name", "a", "--limit", "1"], ["a"]), (["--owner", "nobody-else"], []), (["--since", "1s"], []),
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
        ["--json", "--csv"],
    ])
    func wrongFiltersAreUsage(arguments: [String]) async throws {
        let spool = try await TestSpool()
        let answer = try await Program.run(["history"] + arguments, in: spool.directory)
        #expect(answer.code == 64)
        #expect(!answer.errors.isEmpty)
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
