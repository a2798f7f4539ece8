import Foundation
import Runs
import Testing

@Suite struct FindingTests {
    private func state(_ spool: TestSpool, _ text: String) async throws -> String? {
        let answer = try await spool.bobbin("status", text, "--json")
        guard answer.code == 0 else { return nil }
        return RunStatus(json: Array(answer.output.utf8))?.state.rawValue
    }

    @Test func byIdByItsBeginningByNameAndByPath() async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .succeeded, code: 0)
        try spool.publish(status)
        for text in [
            status.run.description, String(status.run.description.prefix(20)), "report", "default/report",
            "report.\(status.run)", "spool/outbox/default/report.\(status.run)/",
        ] {
            #expect(try await state(spool, text) == "succeeded", "\(text)")
        }
    }

    @Test func anAmbiguousBeginningNamesTheCandidates() async throws {
        let spool = try await TestSpool()
        let first = try TestSpool.status("a", .succeeded, code: 0)
        let second = try TestSpool.status("b", .running)
        try spool.publish(first)
        try spool.show(second)
        let answer = try await spool.bobbin("status", "01")
        #expect(answer.code == 65)
        #expect(answer.errors.contains("\(first.run)  default/a") && answer.errors.contains("\(second.run)  default/b"))
    }

    @Test func aNameIsTheLatestDrop() async throws {
        let spool = try await TestSpool()
        try spool.publish(TestSpool.status("report", .failed, at: 1_790_000_000_000, code: 1))
        try spool.publish(TestSpool.status("report", .succeeded, at: 1_790_000_005_000, code: 0))
        // An earlier drop that finishes later does not get the link.
        try spool.publish(TestSpool.status("report", .killed, at: 1_790_000_001_000), linked: false)
        #expect(try await state(spool, "report") == "succeeded")
        try spool.show(TestSpool.status("report", .running, at: 1_790_000_009_000))
        #expect(try await state(spool, "report") == "running")
    }

    /// The outbox is its readers' to edit: nothing in it is followed, waited for or believed beyond its own run.
    @Test(arguments: ["garbage", "link", "fifo", "other", "directory", "large"])
    func hostileStatusFiles(kind: String) async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .succeeded, code: 0)
        try spool.publish(status)
        let file = spool.directory.appendingPathComponent(TestSpool.path(status, "outbox") + "/status.json")
        try FileManager.default.removeItem(at: file)
        switch kind {
        case "garbage": try Data("{\"run\": [[[".utf8).write(to: file)
        case "link": try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/etc/passwd")
        case "fifo": mkfifo(file.path, 0o600)
        case "other": try Data(TestSpool.status("report", .failed, code: 1).json(pretty: true).utf8).write(to: file)
        case "directory": try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        default:
            try Data().write(to: file)
            truncate(file.path, 1 << 40)
        }
        for command in ["status", "wait", "result", "cancel"] {
            let answer = try await spool.bobbin(command, "report")
            #expect([65, 66, 70].contains(answer.code), "\(command): \(answer.code) \(answer.errors)")
            #expect(!answer.errors.isEmpty)
        }
        #expect(try await spool.bobbin("ps").code == 0)
    }

    @Test func statusShowsOthersTextsEscaped() async throws {
        let spool = try await TestSpool()
        var status = try TestSpool.status("report", .failed, code: 1)
        status.title = "\u{1B}]0;x\u{07}"
        status.reason = "line\nbreak"
        try spool.publish(status)
        let answer = try await spool.bobbin("status", "report")
        #expect(answer.output.contains("title      \\x1b]0;x\\x07"))
        #expect(answer.output.contains("line\\x0abreak"))
    }

    @Test func resultIsItsJSONOrNo() async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .succeeded, code: 0)
        try spool.publish(status)
        let without = try await spool.bobbin("result", "report")
        #expect(without.code == 1)
        #expect(without.errors.contains(TestSpool.path(status, "outbox")))
        try spool.write(TestSpool.path(status, "outbox") + "/result.json", "{\"x\": 1}\n")
        let with = try await spool.bobbin("result", "report")
        #expect(with.code == 0)
        #expect(with.output == "{\"x\": 1}\n")
    }
}
