internal import Runs

/// What is known of a run, by name: first status.json's keys in its order, then what only the history has.
public enum HistoryColumn: String, CaseIterable, Sendable {
    case run, name, queue, state
    case exitCode = "exit_code"
    case signal, reason, errors, title, owner, labels, attempt
    case submittedAt = "submitted_at"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case waitSeconds = "wait_seconds"
    case wallSeconds = "wall_seconds"
    case cpuSeconds = "cpu_seconds"
    case maxRSSBytes = "max_rss_bytes"
    case stdoutBytes = "stdout_bytes"
    case stderrBytes = "stderr_bytes"
    case truncated
    case bundleSHA256 = "bundle_sha256"
    case runtime, enforced
    case droppedFiles = "dropped_files"
    case parentRun = "parent_run"
    case progress
    case progressText = "progress_text"
    case message, rows, checkpoint
    case eventsDropped = "events_dropped"
    case result, environment
    case account, priority, claim
    case resultBytes = "result_bytes"
    case bundleBytes = "bundle_bytes"
    case manifest

    /// status.json's keys.
    public static let ofStatus: [HistoryColumn] = Array(allCases.prefix { $0 != .account })

    public enum Value: Hashable, Sendable {
        case text(String)
        case number(Int64)
        /// A duration.
        case milliseconds(Int64)
        case flag(Bool)
        /// A list or an object, as JSON.
        case json(String)
    }

    /// nil where it is not known, or not so.
    public func value(of record: HistoryRecord) -> Value? {
        let status = record.status
        func number(_ number: (some FixedWidthInteger)?) -> Value? { number.map { .number(Int64(clamping: $0)) } }
        switch self {
        case .run: return .text(status.run.description)
        case .name: return .text(status.name.description)
        case .queue: return .text(status.queue.description)
        case .state: return .text(status.state.rawValue)
        case .exitCode: return number(status.exitCode)
        case .signal: return status.signal.map(Value.text)
        case .reason: return status.reason.map(Value.text)
        case .errors: return JSONColumn.errors(status.errors).map(Value.json)
        case .title: return status.title.map(Value.text)
        case .owner: return .text(status.owner)
        case .labels: return JSONColumn.labels(status.labels).map(Value.json)
        case .attempt: return number(status.attempt)
        case .submittedAt: return .text(status.submittedAt.description)
        case .startedAt: return status.startedAt.map { .text($0.description) }
        case .finishedAt: return status.finishedAt.map { .text($0.description) }
        case .waitSeconds: return status.waitMilliseconds.map(Value.milliseconds)
        case .wallSeconds: return status.wallMilliseconds.map(Value.milliseconds)
        case .cpuSeconds: return status.cpuMilliseconds.map(Value.milliseconds)
        case .maxRSSBytes: return number(status.maxRSSBytes)
        case .stdoutBytes: return number(status.stdoutBytes)
        case .stderrBytes: return number(status.stderrBytes)
        case .truncated: return status.truncated.map(Value.flag)
        case .bundleSHA256: return status.bundleSHA256.map(Value.text)
        case .runtime: return status.runtime.map(Value.text)
        case .enforced: return JSONColumn.labels(status.enforced).map(Value.json)
        case .droppedFiles: return JSONColumn.droppedFiles(status.droppedFiles).map(Value.json)
        case .parentRun: return status.parentRun.map { .text($0.description) }
        case .progress: return status.report.progress.map { .json(RunReport.decimal($0)) }
        case .progressText: return status.report.progressText.map(Value.text)
        case .message: return status.report.message.map(Value.text)
        case .rows: return status.report.rows.map { .json(#"{"total":\#($0.total),"failed":\#($0.failed)}"#) }
        case .checkpoint: return status.report.checkpoint.map(Value.json)
        case .eventsDropped:
            return status.report.droppedEvents > 0 ? .number(Int64(status.report.droppedEvents)) : nil
        case .result: return status.result.map(Value.text)
        case .environment: return status.environment.map { .json($0.json) }
        case .account: return .text(record.account)
        case .priority: return number(record.priority)
        case .claim: return .number(record.claim)
        case .resultBytes: return number(record.resultBytes)
        case .bundleBytes: return number(record.bundleBytes)
        case .manifest: return record.manifest.map(Value.json)
        }
    }
}

extension HistoryColumn.Value {
    /// As CSV has it: what a list or object is in JSON, everything else without quotes.
    var plain: String {
        switch self {
        case .text(let text), .json(let text): text
        case .number(let number): "\(number)"
        case .milliseconds(let number): JSONWriter.seconds(number)
        case .flag(let flag): flag ? "true" : "false"
        }
    }
}
