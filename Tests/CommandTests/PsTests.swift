import Foundation
import Runs
import Testing

@Suite struct PsTests {
    @Test func waitingRunsHaveTheirPlace() async throws {
        let spool = try await TestSpool()
        try spool.show(TestSpool.status("first", .queued, at: 1_790_000_000_000))
        try spool.show(TestSpool.status("second", .queued, at: 1_790_000_001_000))
        try spool.show(TestSpool.status("urgent", .queued, at: 1_790_000_002_000), priority: 1)
        try spool.show(TestSpool.status("other", .queued, queue: "nightly"))
        try spool.show(TestSpool.status("runs", .running))
        try spool.publish(TestSpool.status("over", .succeeded, code: 0))
        let answer = try await spool.bobbin("ps", "--json")
        #expect(answer.code == 0)
        let rows = answer.lines.map { line in
            let object = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
            return "\(object?["name"] ?? "") \(object?["state"] ?? "") \(object?["position"] ?? "-")"
        }
        #expect(rows == ["runs running -", "urgent queued 1", "first queued 2", "second queued 3", "other queued 1"])
        let table = try await spool.bobbin("ps", "--queue", "default")
        #expect(table.output.contains("place 3") && !table.output.contains("other"))
    }

    @Test(arguments: [
        ("default/.x.py.AbC123", "a file that is still being written"),
        ("default/x.PART", "a file that is still being written"),
        ("default/tree/.main.py.AbC123", ".main.py.AbC123 is in it"), ("default/x.py", "not taken yet"),
        ("Bad Queue/x", "inbox/Bad Queue is no queue"), ("stray.py", "inbox/stray.py is no queue"),
    ])
    func saysWhyAnEntryIsNotTaken(path: String, reason: String) async throws {
        let spool = try await TestSpool()
        try spool.write("spool/inbox/\(path)", "x")
        let answer = try await spool.bobbin("ps")
        #expect(answer.code == 0)
        #expect(answer.output.contains(reason), "\(answer.output)")
    }

    @Test func namesOfStrangersAreEscaped() async throws {
        let spool = try await TestSpool()
        try spool.write("spool/inbox/default/\u{1B}[2J.py", "x")
        let answer = try await spool.bobbin("ps")
        #expect(answer.output.contains("default/\\x1b[2J.py"))
    }
}
