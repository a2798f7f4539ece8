import Linux
import Presentation
import Runs
import Spool

/// A run's status for people: one line a fact, what is not known left out.
struct StatusText {
    private(set) var lines: [String] = []

    init(_ status: RunStatus, place: SpoolView.Found?, in view: SpoolView) {
        let isLocal = Console.outputIsTerminal
        add("run", status.run.description)
        add("name", status.name.description)
        add("queue", status.queue.description)
        add("state", Console.tinted(status.state.rawValue, status.state.tint))
        if let code = status.exitCode { add("exit code", "\(code)") }
        if let signal = status.signal { add("signal", escaped(signal.utf8)) }
        if let reason = status.reason { add("reason", escaped(reason.utf8)) }
        for error in status.errors { add("error", escaped(error.description.utf8)) }
        if let title = status.title, title != status.name.description { add("title", escaped(title.utf8)) }
        add("owner", escaped(status.owner.utf8))
        for label in status.labels { add("label", escaped("\(label.key)=\(label.value)".utf8)) }
        if let attempt = status.attempt, attempt > 1 { add("attempt", "\(attempt)") }
        if let retryAt = status.retryAt { add("next", MomentText.text(retryAt, local: isLocal)) }
        add("submitted", MomentText.text(status.submittedAt, local: isLocal))
        if let started = status.startedAt { add("started", MomentText.text(started, local: isLocal)) }
        if let finished = status.finishedAt { add("finished", MomentText.text(finished, local: isLocal)) }
        if let wait = status.waitMilliseconds { add("waited", ElapsedText.text(wait)) }
        if let wall = status.wallMilliseconds { add("took", ElapsedText.text(wall)) }
        if let cpu = status.cpuMilliseconds { add("processor", ElapsedText.text(cpu)) }
        if let memory = status.maxRSSBytes { add("memory", BytesText.text(memory)) }
        addOutput(status)
        addOwnWords(status)
        if let runtime = status.runtime { add("runtime", escaped(runtime.utf8)) }
        if let hash = status.bundleSHA256 { add("sha256", escaped(hash.utf8)) }
        for held in status.enforced { add("enforced", escaped("\(held.key): \(held.value)".utf8)) }
        for file in status.droppedFiles.prefix(20) {
            add("dropped", escaped("\(file.path) (\(file.kind)): \(file.reason)".utf8))
        }
        if let place { add("files", "\(view.path)/\(place.relativePath)") } else { add("files", "deleted") }
    }

    private mutating func addOwnWords(_ status: RunStatus) {
        let report = status.report
        if let progress = ProgressText.of(status) { add("progress", escaped(progress.utf8)) }
        if let message = report.message { add("message", escaped(message.utf8)) }
        if let rows = report.rows { add("rows", "\(rows.total), \(rows.failed) failed") }
        if let checkpoint = report.checkpoint { add("checkpoint", escaped(checkpoint.utf8)) }
        if report.droppedEvents > 0 { add("events", "\(report.droppedEvents) dropped: no events, or too long") }
        if let result = status.result { add("result", escaped(result.utf8)) }
    }

    private mutating func addOutput(_ status: RunStatus) {
        guard status.stdoutBytes != nil || status.stderrBytes != nil else { return }
        let out = BytesText.text(status.stdoutBytes ?? 0)
        let err = BytesText.text(status.stderrBytes ?? 0)
        add("output", "\(out), \(err) of errors" + (status.truncated == true ? ", cut in the middle" : ""))
    }

    private mutating func add(_ key: String, _ value: String) {
        lines.append(key + String(repeating: " ", count: max(1, 11 - key.count)) + value)
    }
}
