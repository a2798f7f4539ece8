internal import FoundationEssentials

extension RunStatus {
    /// What a status.json, or one line that the commands print, says; nil if it is not one.
    ///
    /// Keys that are not known are left out: newer versions only ever add.
    public init?(json: [UInt8]) {
        guard let raw = try? JSONDecoder().decode(Raw.self, from: Data(json)), let run = RunID(raw.run),
            let name = BundleName(raw.name), let queue = QueueName(raw.queue),
            let state = RunState(rawValue: raw.state),
            let submitted = Timestamp(raw.submitted_at)
        else { return nil }
        self.init(run: run, name: name, queue: queue, state: state, owner: raw.owner, submittedAt: submitted)
        exitCode = raw.exit_code
        signal = raw.signal
        reason = raw.reason
        errors = (raw.errors ?? []).map {
            BundleError(code: $0.code, message: $0.message, file: $0.file, line: $0.line, column: $0.column)
        }
        title = raw.title
        labels = raw.labels?.list ?? []
        attempt = raw.attempt
        startedAt = raw.started_at.flatMap { Timestamp($0) }
        finishedAt = raw.finished_at.flatMap { Timestamp($0) }
        waitMilliseconds = raw.wait_seconds.map(Self.milliseconds)
        wallMilliseconds = raw.wall_seconds.map(Self.milliseconds)
        cpuMilliseconds = raw.cpu_seconds.map(Self.milliseconds)
        maxRSSBytes = raw.max_rss_bytes
        stdoutBytes = raw.stdout_bytes
        stderrBytes = raw.stderr_bytes
        truncated = raw.truncated
        bundleSHA256 = raw.bundle_sha256
        runtime = raw.runtime
        enforced = raw.enforced?.list ?? []
        droppedFiles = (raw.dropped_files ?? []).map { DroppedFile(path: $0.path, kind: $0.kind, reason: $0.reason) }
        parentRun = raw.parent_run.flatMap { RunID($0) }
    }

    /// A reader may have written any number there.
    private static func milliseconds(_ seconds: Double) -> Int64 {
        let rounded = (seconds * 1000).rounded()
        return Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max)
    }

    // The names are the file's own.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Raw: Decodable {
        var run, name, queue, state, owner, submitted_at: String
        var exit_code: Int32?
        var signal, reason, title, started_at, finished_at, bundle_sha256, runtime, parent_run: String?
        var errors: [RawError]?
        var labels, enforced: OrderedTexts?
        var attempt: Int?
        var wait_seconds, wall_seconds, cpu_seconds: Double?
        var max_rss_bytes, stdout_bytes, stderr_bytes: Int64?
        var truncated: Bool?
        var dropped_files: [RawDropped]?
    }

    private struct RawError: Decodable {
        var code, message: String
        var file: String?
        var line, column: Int?
    }

    private struct RawDropped: Decodable { var path, kind, reason: String }

    /// An object of texts. The decoder does not keep the order, so it is by key.
    private struct OrderedTexts: Decodable {
        var list: [Label]

        init(from decoder: any Decoder) throws {
            let texts = try decoder.singleValueContainer().decode([String: String].self)
            list = texts.sorted { $0.key < $1.key }.map { Label(key: $0.key, value: $0.value) }
        }
    }
}
