extension RunStatus {
    /// What a status.json, or one line that the commands print, says, its lists in its order; nil if it is not one.
    ///
    /// Keys that are not known are left out: newer versions only ever add.
    public init?(json: [UInt8]) {
        guard case .object(let object) = JSONValue(reading: json) else { return nil }
        do { try self.init(object) } catch { return nil }
    }

    private init(_ object: JSONObject) throws(JSONObject.Mismatch) {
        guard let run = RunID(try object.required("run")), let name = BundleName(try object.required("name")),
            let queue = QueueName(try object.required("queue")),
            let state = RunState(rawValue: try object.required("state")),
            let submitted = Timestamp(try object.required("submitted_at"))
        else { throw JSONObject.Mismatch(key: "run") }
        self.init(
            run: run, name: name, queue: queue, state: state, owner: try object.required("owner"),
            submittedAt: submitted)
        exitCode = try object.integer("exit_code")
        signal = try object.text("signal")
        reason = try object.text("reason")
        errors = try object.objects("errors").map(BundleError.init)
        title = try object.text("title")
        labels = try object.labels("labels")
        attempt = try object.integer("attempt")
        startedAt = try object.text("started_at").flatMap { Timestamp($0) }
        finishedAt = try object.text("finished_at").flatMap { Timestamp($0) }
        waitMilliseconds = try object.milliseconds("wait_seconds")
        wallMilliseconds = try object.milliseconds("wall_seconds")
        cpuMilliseconds = try object.milliseconds("cpu_seconds")
        maxRSSBytes = try object.integer("max_rss_bytes")
        stdoutBytes = try object.integer("stdout_bytes")
        stderrBytes = try object.integer("stderr_bytes")
        truncated = try object.boolean("truncated")
        bundleSHA256 = try object.text("bundle_sha256")
        runtime = try object.text("runtime")
        enforced = try object.labels("enforced")
        droppedFiles = try object.objects("dropped_files").map(DroppedFile.init)
        parentRun = try object.text("parent_run").flatMap { RunID($0) }
        retryAt = try object.text("retry_at").flatMap { Timestamp($0) }
        try readOwnWords(object)
    }
}

extension BundleError {
    /// One of status.json's `errors`.
    public init(_ object: JSONObject) throws(JSONObject.Mismatch) {
        self.init(
            code: try object.required("code"), message: try object.required("message"), file: try object.text("file"),
            line: try object.integer("line"), column: try object.integer("column"))
    }
}

extension DroppedFile {
    /// One of status.json's `dropped_files`.
    public init(_ object: JSONObject) throws(JSONObject.Mismatch) {
        self.init(
            path: try object.required("path"), kind: try object.required("kind"),
            reason: try object.required("reason"))
    }
}
