import Foundation
import Runs
import Testing

@Suite struct LogsTests {
    /// Waits, for as long as a test may take, until the program printed that much.
    private func printed(_ running: Program.Running, _ text: String) async throws {
        for _ in 0..<2000 where !running.printed.hasSuffix(text) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(running.printed.hasSuffix(text))
    }

    @Test func printsTheBytesAsTheyAre() async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .succeeded, code: 0)
        try spool.write(TestSpool.path(status) + "/stdout", "one\u{1B}[2J\0\ntwo")
        try spool.write(TestSpool.path(status) + "/stderr", "bad\n")
        try spool.publish(status)
        let output = try await spool.bobbin("logs", "report")
        #expect(output.output == "one\u{1B}[2J\0\ntwo")
        #expect(try await spool.bobbin("logs", "report", "--stderr").output == "bad\n")
        #expect(try await spool.bobbin("logs", "report", "-f").output == output.output, "a finished run's log ends")
    }

    /// At its end a log over its limit gets its gap line and its last half, in the same file or in a new one.
    @Test(arguments: [false, true])
    func followingLosesAndRepeatsNothing(replaced: Bool) async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .queued)
        try spool.show(status)
        let running = try spool.start("logs", "report", "-f")
        try await Task.sleep(for: .milliseconds(100))
        let log = TestSpool.path(status) + "/stdout"
        try spool.write(log, "first\n")
        try spool.show(TestSpool.status("report", .running, run: status.run))
        try await printed(running, "first\n")
        try spool.append(log, "second\n")
        try await printed(running, "second\n")
        if replaced {
            try FileManager.default.removeItem(at: spool.directory.appendingPathComponent(log))
            try spool.write(log, "first\nsecond\n[gap]\nlast\n")
        } else {
            try spool.append(log, "[gap]\nlast\n")
        }
        try spool.publish(TestSpool.status("report", .succeeded, run: status.run, code: 0))
        let answer = try await running.answer()
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.output == "first\nsecond\n[gap]\nlast\n")
    }

    @Test func aNewAttemptIsPrintedFromItsBeginning() async throws {
        let spool = try await TestSpool()
        var status = try TestSpool.status("report", .running)
        let log = TestSpool.path(status) + "/stdout"
        try spool.write(log, "try one\n")
        try spool.show(status)
        let running = try spool.start("logs", "report", "-f")
        try await printed(running, "try one\n")
        try FileManager.default.removeItem(at: spool.directory.appendingPathComponent(log))
        status.attempt = 2
        try spool.show(status)
        try spool.write(log, "try two\n")
        try await printed(running, "try two\n")
        status.state = .succeeded
        status.exitCode = 0
        try spool.publish(status)
        let answer = try await running.answer()
        #expect(answer.output == "try one\ntry two\n")
        #expect(answer.errors.contains("attempt 2"))
    }

    @Test(arguments: ["link", "fifo"])
    func onlyARegularFileIsRead(kind: String) async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .succeeded, code: 0)
        try spool.publish(status)
        let log = spool.directory.appendingPathComponent(TestSpool.path(status, "outbox") + "/stdout").path
        if kind == "link" {
            try FileManager.default.createSymbolicLink(atPath: log, withDestinationPath: "/etc/passwd")
        } else {
            mkfifo(log, 0o600)
        }
        let answer = try await spool.bobbin("logs", "report")
        #expect(answer.code == 70)
        #expect(answer.output.isEmpty)
    }

    @Test func onATerminalControlCharactersAreShown() async throws {
        let spool = try await TestSpool()
        let status = try TestSpool.status("report", .succeeded, code: 0)
        try spool.write(TestSpool.path(status) + "/stdout", "a\u{1B}]0;x\u{07}b\n")
        try spool.publish(status)
        // script(1) gives the command a terminal of its own.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
        process.arguments = ["-qec", "'\(Program.executable.path)' logs report", "typescript"]
        process.currentDirectoryURL = spool.directory
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        for await _ in ended {}
        let shown = try String(contentsOf: spool.directory.appendingPathComponent("typescript"), encoding: .utf8)
        #expect(shown.contains("a\\x1b]0;x\\x07b"))
    }
}
