internal import Bundles
internal import Glibc
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// The one file of a run that is its result, and what makes it none.
struct ResultFile: Sendable {
    let context: EngineContext
    let job: Job

    /// More than this is not read by the daemon itself.
    private static let smallest = 1 << 20

    /// Finds the result, judges it, and moves it to where readers look for it. Done again after a crash it finds it there.
    func take(_ result: ResultDirectory, _ status: inout RunStatus) async throws {
        switch job.manifest.result {
        case .file(let path): try await find(path, in: result, &status)
        case .value(_, let format): try await takeValue(format, result, &status)
        }
    }

    private func find(_ path: String, in result: ResultDirectory, _ status: inout RunStatus) async throws {
        let files = try result.directory.directory(SpoolLayout.Result.files)
        let file = try? SharedDescriptor(files.open(beneath: Array(path.utf8), O_RDONLY))
        if let file, try FileStatus.of(descriptor: file.rawValue).kind == .regular {
            status.result = "\(SpoolLayout.Result.files)/\(path)"
            if job.manifest.outputSchema != nil { try await judge(file, &status) }
        } else if status.state == .succeeded {
            status.state = .invalidOutput
            status.reason = "its result is missing: it left no regular file '\(path)'"
        }
    }

    private func takeValue(
        _ format: Manifest.ResultFormat, _ result: ResultDirectory, _ status: inout RunStatus
    ) async throws {
        let run = try context.spool.runDirectory(job.run).directory
        let name = format == .json ? SpoolLayout.Result.result : SpoolLayout.Result.resultTable
        let isNew = run.has(SpoolLayout.Run.result)
        guard isNew || result.directory.has(name) else { return missing(&status) }
        // Rootless the script has the same user, and may have closed its result to itself.
        if isNew { try run.changeMode(of: SpoolLayout.Run.result, to: 0o640) }
        let file = SharedDescriptor(
            try isNew ? run.open(SpoolLayout.Run.result, O_RDONLY) : result.directory.open(name, O_RDONLY))
        if try FileStatus.of(descriptor: file.rawValue).size == 0 {
            try run.unlinkIfPresent(SpoolLayout.Run.result)
            return missing(&status)
        }
        if format == .json { try await judge(file, &status) }
        status.result = try isPiece(file.rawValue, format, status) ? nil : "\(name)"
        if isNew { try await move(from: run, to: result, as: name) }
    }

    /// Whether it was ended in the midst of writing it; what there is is kept for looking, but it is no result.
    private func isPiece(_ file: Int32, _ format: Manifest.ResultFormat, _ status: RunStatus) throws(Errno) -> Bool {
        if format != .json || status.exitCode != nil { return false }
        let size = try FileStatus.of(descriptor: file).size
        if size > Self.smallest { return true }
        return try fault(of: file) != nil
    }

    private func missing(_ status: inout RunStatus) {
        guard job.manifest.outputSchema != nil, status.state == .succeeded else { return }
        status.state = .invalidOutput
        status.reason = "its 'output_schema' says what its result is like, and it left none: write it to $BOBBIN_RESULT"
    }

    /// Whether it is JSON, and as its schema says; if not it stays where it is for looking.
    private func judge(_ file: SharedDescriptor, _ status: inout RunStatus) async throws {
        guard status.state == .succeeded else { return }
        let schema = job.manifest.outputSchema
        if schema == nil, try FileStatus.of(descriptor: file.rawValue).size <= Self.smallest {
            if let fault = try fault(of: file.rawValue) { refuse(fault, &status) }
            return
        }
        let check = SchemaCheck(context: context, directory: try context.spool.runDirectory(job.run))
        do {
            let verdict = try await check.verdict(on: file, schema)
            // It could be used when the run was accepted.
            let errors = verdict.errors(of: .result) + (schema.map { verdict.errors(ofSchema: $0, for: .result) } ?? [])
            guard let reason = Acceptance.reason(errors) else { return }
            status.errors = errors
            refuse(reason, &status)
        } catch LauncherError.sandbox(let step, let errno) where !Hindrances.isPassing(errno) {
            status.state = .errored
            status.exitCode = nil
            status.reason = "its result could not be checked: \(LauncherError.sandbox(step, errno))"
        }
    }

    private func refuse(_ reason: String, _ status: inout RunStatus) {
        status.state = .invalidOutput
        status.reason = reason
    }

    private func fault(of file: Int32) throws(Errno) -> String? {
        try check(Int32(truncatingIfNeeded: lseek(file, 0, SEEK_SET)))
        let bytes = try readAll(file, limit: Self.smallest)
        return JSONValue(reading: bytes) == nil
            ? "what it wrote to $BOBBIN_RESULT is no JSON, or is nested more than 64 levels deep" : nil
    }

    private func move(from run: Directory, to result: ResultDirectory, as name: EntryName) async throws {
        do {
            try run.rename(SpoolLayout.Run.result, to: name, in: result.directory)
        } catch {
            if error != .fileExists { throw error }
            // A reader who may write here put something in its place.
            try await context.launcher.remove(name, in: .result(job.claim))
            try run.rename(SpoolLayout.Run.result, to: name, in: result.directory)
        }
    }
}
