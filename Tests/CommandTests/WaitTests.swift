import Foundation
import Runs
import Testing

@Suite struct WaitTests {
    @Test(
        arguments: [
            (RunState.succeeded, 0, 0), (.failed, 3, 3), (.failed, 255, 255), (.timedOut, nil, 125),
            (.cancelled, nil, 125),
            (.rejected, nil, 125), (.invalidOutput, 0, 125), (.killed, nil, 125),
        ] as [(RunState, Int32?, Int32)])
    func exitCodes(state: RunState, code: Int32?, answer: Int32) async throws {
        let spool = try await TestSpool()
        var status = try TestSpool.status("report", state, code: code)
        status.reason = "because \u{1B}[2J"
        try spool.publish(status)
        let waited = try await spool.bobbin("wait", "report")
        #expect(waited.code == answer)
        #expect(waited.output.isEmpty)
        if answer == 125 {
            #expect(
                waited.errors == "bobbin: report (\(status.run)): \(state.rawValue): because \\x1b[2J\n",
                "one line, escaped")
        }
    }

    @Test func theFirstCodeThatIsNotZeroCounts() async throws {
        let spool = try await TestSpool()
        try spool.publish(TestSpool.status("a", .succeeded, code: 0))
        try spool.publish(TestSpool.status("b", .failed, code: 4))
        try spool.publish(TestSpool.status("c", .failed, code: 5))
        #expect(try await spool.bobbin("wait", "a", "b", "c").code == 4)
    }

    @Test func waitsUntilItIsPublished() async throws {
        let spool = try await TestSpool()
        let queued = try TestSpool.status("report", .queued)
        try spool.show(queued)
        let running = try spool.start("wait", "report", "--timeout", "1m")
        try await Task.sleep(for: .milliseconds(150))
        try spool.show(TestSpool.status("report", .running, run: queued.run))
        try await Task.sleep(for: .milliseconds(150))
        try spool.publish(TestSpool.status("report", .failed, run: queued.run, code: 9))
        #expect(try await running.answer().code == 9)
    }

    @Test func timesOut() async throws {
        let spool = try await TestSpool()
        try spool.show(TestSpool.status("report", .running))
        let answer = try await spool.bobbin("wait", "report", "--timeout", "200ms")
        #expect(answer.code == 124)
        #expect(answer.errors.contains("the run goes on"))
    }

    /// A drop in the inbox is newer than the result of that name that is there.
    @Test func waitsForTheDropAndNotForItsPredecessor() async throws {
        let spool = try await TestSpool()
        try spool.publish(TestSpool.status("report", .failed, code: 1))
        try spool.write("spool/inbox/default/report.py", "print(1)\n")
        let running = try spool.start("wait", "report", "--timeout", "1m")
        // That it has looked at the inbox cannot be seen from outside; on a busy machine its start takes a while.
        try await Task.sleep(for: .seconds(3))
        try FileManager.default.removeItem(at: spool.directory.appendingPathComponent("spool/inbox/default/report.py"))
        try await Task.sleep(for: .milliseconds(200))
        try spool.publish(TestSpool.status("report", .succeeded, at: 1_790_000_100_000, code: 0))
        #expect(try await running.answer().code == 0)
    }

    @Test(arguments: ["nope", "01KAEZ", "a b"])
    func unknownRuns(text: String) async throws {
        let spool = try await TestSpool()
        let answer = try await spool.bobbin("wait", text)
        #expect(answer.code == 66)
        #expect(!answer.errors.isEmpty)
    }

    @Test func wrongTimeoutIsUsage() async throws {
        let spool = try await TestSpool()
        #expect(try await spool.bobbin("wait", "x", "--timeout", "soon").code == 64)
    }
}
