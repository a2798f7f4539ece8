public import Runs

/// Runs as CSV (RFC 4180): a header of status.json's keys, then one line a run, each ended by CR LF.
///
/// What is absent is an empty field; lists and objects are the JSON text that status.json has for them. Values are given as
/// they are: one that begins with `=` is for the program that reads it to take as text.
public enum HistoryCSV {
    /// status.json's keys, in its order.
    public static let columns = [
        "run", "name", "queue", "state", "exit_code", "signal", "reason", "errors", "title", "owner", "labels",
        "attempt",
        "submitted_at", "started_at", "finished_at", "wait_seconds", "wall_seconds", "cpu_seconds", "max_rss_bytes",
        "stdout_bytes", "stderr_bytes", "truncated", "bundle_sha256", "runtime", "enforced", "dropped_files",
        "parent_run",
    ]

    /// The first line.
    public static var header: String { line(columns) }

    /// The line of one run.
    public static func line(_ status: RunStatus) -> String {
        func text(_ number: (some FixedWidthInteger)?) -> String? { number.map { String($0) } }
        return line([
            status.run.description, status.name.description, status.queue.description, status.state.rawValue,
            text(status.exitCode), status.signal, status.reason, JSONColumn.errors(status.errors), status.title,
            status.owner,
            JSONColumn.labels(status.labels), text(status.attempt), status.submittedAt.description,
            status.startedAt?.description, status.finishedAt?.description,
            status.waitMilliseconds.map(JSONWriter.seconds), status.wallMilliseconds.map(JSONWriter.seconds),
            status.cpuMilliseconds.map(JSONWriter.seconds), text(status.maxRSSBytes), text(status.stdoutBytes),
            text(status.stderrBytes), status.truncated.map { $0 ? "true" : "false" }, status.bundleSHA256,
            status.runtime,
            JSONColumn.labels(status.enforced), JSONColumn.droppedFiles(status.droppedFiles),
            status.parentRun?.description,
        ])
    }

    private static func line(_ fields: [String?]) -> String {
        fields.map { field($0 ?? "") }.joined(separator: ",") + "\r\n"
    }

    /// Quotes go by scalars: CR LF is one Character, and a combining mark would hide the quote before it.
    private static func field(_ text: String) -> String {
        let special: Set<Unicode.Scalar> = ["\"", ",", "\r", "\n"]
        guard text.unicodeScalars.contains(where: special.contains) else { return text }
        var quoted = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
