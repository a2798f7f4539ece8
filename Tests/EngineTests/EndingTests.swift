import Glibc
import Runs
import SandboxProtocol
import Testing
import Trees

@testable import Engine

/// The final state of a run, from what launcher and supervision say of its end.
@Suite("How a run ended") struct EndingTests {
    struct Case: Sendable {
        let end: SandboxEnd
        var memory: MemoryShortage?
        var cause: EndReason?
        let state: RunState
        let reason: String
    }

    private static let cases = [
        Case(end: .exited(code: 0), state: .succeeded, reason: ""),
        // Signal 9 alone says nothing of memory.
        Case(end: .signalled(SIGKILL), state: .killed, reason: "ended by SIGKILL, which Bobbin did not send"),
        Case(end: .killed, state: .killed, reason: "its sandbox was killed from outside"),
        Case(end: .killed, memory: .run, state: .outOfMemory, reason: "limits.memory"),
        Case(end: .signalled(SIGKILL), memory: .run, state: .outOfMemory, reason: "limits.memory"),
        // What had ended by itself was not killed for it.
        Case(end: .exited(code: 0), memory: .run, state: .succeeded, reason: ""),
        Case(end: .exited(code: 3), memory: .run, state: .failed, reason: "exit code 3"),
        // Another's memory was at its end.
        Case(end: .killed, memory: .machine, state: .killed, reason: "the machine"),
        Case(end: .signalled(SIGKILL), memory: .machine, state: .killed, reason: "the machine"),
        // The first of the final states that apply counts.
        Case(end: .killed, memory: .run, cause: .timedOut, state: .timedOut, reason: "timeout"),
        Case(end: .killed, memory: .run, cause: .cancelled(by: "anna"), state: .cancelled, reason: "anna"),
        Case(end: .killed, memory: .run, cause: .overOutput(.output), state: .outOfMemory, reason: "limits.memory"),
        Case(end: .killed, cause: .overOutput(.output), state: .limitExceeded, reason: "output: "),
        Case(end: .killed, cause: .overOutput(.outputFiles), state: .limitExceeded, reason: "output_files: "),
        Case(end: .signalled(SIGXFSZ), state: .limitExceeded, reason: "file_size: "),
    ]

    @Test(arguments: cases) func state(_ example: Case) throws {
        var usage = SandboxUsage(userMicroseconds: 1500, systemMicroseconds: 500, maxResidentBytes: 7)
        usage.outOfMemory = example.memory
        var status = RunStatus(
            run: .new(), name: try #require(BundleName("report")), queue: try #require(QueueName("default")),
            state: .running, owner: "anna", submittedAt: .now())
        status.describe(
            .ended(example.end, usage), endedFor: example.cause,
            manifest: Manifest(title: "report", runtime: "sh", entry: "main.sh", timeout: 1000))
        #expect(status.state == example.state)
        #expect(example.reason.isEmpty ? status.reason == nil : status.reason?.contains(example.reason) == true)
        #expect((status.exitCode == nil) == (example.state != .succeeded && example.state != .failed))
        #expect(status.cpuMilliseconds == 2 && status.maxRSSBytes == 7)
        if example.state == .outOfMemory { #expect(status.signal == "SIGKILL") }
    }
}
