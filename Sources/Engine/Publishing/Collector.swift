internal import Bundles
internal import Glibc
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Trees

/// Takes in what a script wrote beside itself, and judges it.
struct Collector: Sendable {
    let context: EngineContext

    /// Makes `files/` of what the run left; done again after a crash it finds what was collected before.
    ///
    /// - Parameter status: how the script ended; what it left may change that.
    func collect(
        _ job: Job, _ queue: QueueDirectory, _ result: ResultDirectory, _ status: inout RunStatus
    ) async throws {
        let manifest = job.manifest
        // Where the daemon still has to choose among the files, or to move them, they are its own until they are published.
        var isChosen = manifest.outputs != nil || manifest.retry != nil
        if case .file = manifest.result { isChosen = true }
        let ownership = FileOwnership(owner: isChosen ? geteuid() : job.claim.owner, group: queue.group)
        // Not before: what lies there is there only when this is done.
        defer { context.trash.expect() }
        let report = try await context.launcher.collect(
            .run(job.run), into: .result(job.claim), trash: Place(SpoolLayout.Way.trash), for: ownership,
            maxBytes: manifest.limits.output,
            maxEntries: Int(clamping: manifest.limits.outputFiles))
        status.droppedFiles = report.problems.map {
            DroppedFile(path: escaped($0.path), kind: $0.kind.word, reason: $0.detail)
        }
        if let limit = report.exceeded.first, status.state.rank > RunState.limitExceeded.rank {
            let most = limit == .output ? manifest.limits.output : manifest.limits.outputFiles
            status.state = .limitExceeded
            status.exitCode = nil
            status.reason = "\(limit.rawValue): it left more than \(most) \(limit == .output ? "bytes" : "files")"
        }
        if var outputs = manifest.outputs {
            if case .file(let path) = manifest.result { outputs.append(Manifest.Output(path: path, required: false)) }
            let files = try result.directory.directory(SpoolLayout.Result.files)
            let missing = try OutputSelection(outputs).apply(to: files)
            if !missing.isEmpty, status.state == .succeeded {
                status.state = .invalidOutput
                status.reason = "a required output is missing: \(missing.joined(separator: ", "))"
            }
        }
        try await ResultFile(context: context, job: job).take(result, &status)
    }
}

extension RunState {
    /// The place in the contract's order: of several final states that apply, the lowest counts.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
