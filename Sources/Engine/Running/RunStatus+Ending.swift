internal import Glibc
internal import Linux
internal import Runs
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

extension RunStatus {
    /// Fills in how a run ended: the first of the final states that applies, in the contract's order.
    mutating func describe(_ exit: SandboxExit, endedFor cause: EndReason?, manifest: Manifest) {
        if let usage = exit.usage {
            cpuMilliseconds = (usage.userMicroseconds + usage.systemMicroseconds) / 1000
            maxRSSBytes = usage.maxResidentBytes
        }
        if case .signalled(let number) = exit.end { signal = Signal.name(number) }
        let shortage = exit.usage?.outOfMemory
        var end = exit.end
        // How a script died of its memory, or which step of its sandbox failed, says nothing of its own.
        switch end {
        case .failed?, .signalled?: if shortage == .run { end = .killed }
        default: break
        }
        switch (end, cause) {
        case (.failed(let step, let number)?, _):
            state = .errored
            reason = Self.reason(step, Errno(rawValue: number), manifest)
        case (_, .cancelled(let asker)):
            state = .cancelled
            reason = "cancelled by \(asker)"
        case (_, .interrupted):
            state = .interrupted
            reason = "Bobbin was stopped while it ran; send it again under a new run id"
        case (nil, nil):
            state = .interrupted
            reason = "the launcher ended while it ran; send it again under a new run id"
        case (_, .timedOut):
            state = .timedOut
            reason = "it ran longer than its timeout of \(JSONWriter.seconds(manifest.timeout)) seconds"
        case (.killed?, _) where shortage == .run:
            state = .outOfMemory
            signal = "SIGKILL"
            reason =
                "memory: its processes wanted more than \(manifest.limits.memory) bytes together; raise limits.memory or let it use less"
        case (_, .overOutput(let limit)):
            state = .limitExceeded
            let (most, things) =
                limit == .output ? (manifest.limits.output, "bytes") : (manifest.limits.outputFiles, "files")
            reason = "\(limit.rawValue): it was ended when it had written more than \(most) \(things) beside itself"
        case (.signalled(let number)?, nil) where shortage == .machine:
            state = .killed
            reason =
                "ended by \(Signal.name(number)): the machine, or Bobbin's service as a whole, had no memory left, not this run"
        case (.killed?, nil) where shortage == .machine:
            state = .killed
            signal = "SIGKILL"
            reason = "the machine, or Bobbin's service as a whole, had no memory left, not this run"
        case (.signalled(SIGXFSZ)?, nil):
            state = .limitExceeded
            reason = "file_size: a file was to grow over \(manifest.limits.fileSize) bytes"
        case (.signalled(let number)?, nil):
            state = .killed
            reason = "ended by \(Signal.name(number)), which Bobbin did not send"
        case (.killed?, nil):
            state = .killed
            signal = "SIGKILL"
            reason = "its sandbox was killed from outside"
        case (.exited(let code)?, nil):
            state = code == 0 ? .succeeded : .failed
            exitCode = code
            if code != 0 { reason = "exit code \(code)" }
        }
    }

    /// Adds what the script said.
    ///
    /// - Parameter lastWords: why it failed, from what its interpreter wrote.
    mutating func describe(_ said: Conversation.State, _ manifest: Manifest, lastWords: () -> String?) {
        report = said.report
        if state == .failed, let words = said.failure ?? lastWords() { reason = RunEvent.oneLine(words) }
        if state == .succeeded, manifest.failsOnErrorLog, let first = said.firstError {
            state = .failed
            reason = "it logged \(said.errors == 1 ? "an error" : "\(said.errors) errors, first"): \(first)"
        }
        if let failure = said.logFailure {
            state = .errored
            exitCode = nil
            reason = "its log.jsonl could not be written: \(failure); make room in the spool and send it again"
        }
    }

    mutating func describe(_ output: RunLogs.Output) {
        stdoutBytes = output.stdout.bytes
        stderrBytes = output.stderr.bytes
        truncated = output.stdout.isTruncated || output.stderr.isTruncated
        if let failure = output.stdout.failure ?? output.stderr.failure {
            state = .errored
            exitCode = nil
            reason = "its output could not be written: \(failure); make room in the spool and send it again"
        }
    }

    private static func reason(_ step: SandboxStep, _ error: Errno, _ manifest: Manifest) -> String {
        if step == .execute {
            if error == .noSuchFileOrDirectory {
                return
                    "cannot execute \(manifest.entry): \(error); the program, or the interpreter its first line names, is not there"
            }
            return "cannot execute \(manifest.entry): \(error); is it made for this machine?"
        }
        return "the sandbox could not be built: cannot \(step): \(error); see: bobbin doctor"
    }
}
