extension RunStatus {
    /// One JSON object with the contract's keys in the contract's order; what is absent is left out, nothing is null.
    ///
    /// - Parameter pretty: two spaces of indentation, as in status.json; else one line, as the commands print it.
    public func json(pretty: Bool) -> String {
        var object = JSONWriter(pretty: pretty)
        object.add("run", run.description)
        object.add("name", name.description)
        object.add("queue", queue.description)
        object.add("state", state.rawValue)
        if let exitCode { object.add("exit_code", Int64(exitCode)) }
        if let signal { object.add("signal", signal) }
        if let reason { object.add("reason", reason) }
        if !errors.isEmpty {
            object.addArray("errors") { array in
                for error in errors { array.addObject(nil) { error.write(to: &$0) } }
            }
        }
        if let title { object.add("title", title) }
        object.add("owner", owner)
        if !labels.isEmpty { object.addObject("labels") { for label in labels { $0.add(label.key, label.value) } } }
        if let attempt { object.add("attempt", Int64(attempt)) }
        object.add("submitted_at", submittedAt.description)
        if let startedAt { object.add("started_at", startedAt.description) }
        if let finishedAt { object.add("finished_at", finishedAt.description) }
        if let waitMilliseconds { object.add("wait_seconds", seconds: waitMilliseconds) }
        if let wallMilliseconds { object.add("wall_seconds", seconds: wallMilliseconds) }
        if let cpuMilliseconds { object.add("cpu_seconds", seconds: cpuMilliseconds) }
        if let maxRSSBytes { object.add("max_rss_bytes", maxRSSBytes) }
        if let stdoutBytes { object.add("stdout_bytes", stdoutBytes) }
        if let stderrBytes { object.add("stderr_bytes", stderrBytes) }
        if let truncated { object.add("truncated", truncated) }
        if let bundleSHA256 { object.add("bundle_sha256", bundleSHA256) }
        if let runtime { object.add("runtime", runtime) }
        if !enforced.isEmpty { object.addObject("enforced") { for held in enforced { $0.add(held.key, held.value) } } }
        if !droppedFiles.isEmpty {
            object.addArray("dropped_files") { array in
                for file in droppedFiles {
                    array.addObject(nil) {
                        $0.add("path", file.path)
                        $0.add("kind", file.kind)
                        $0.add("reason", file.reason)
                    }
                }
            }
        }
        if let parentRun { object.add("parent_run", parentRun.description) }
        if let retryAt { object.add("retry_at", retryAt.description) }
        writeOwnWords(to: &object)
        return object.finished()
    }
}

extension BundleError {
    func write(to object: inout JSONWriter) {
        object.add("code", code)
        object.add("message", message)
        if let file { object.add("file", file) }
        if let line { object.add("line", Int64(line)) }
        if let column { object.add("column", Int64(column)) }
    }
}
