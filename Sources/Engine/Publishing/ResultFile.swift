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
        case .file(let path): try find(path, in: result, &status)
        case .value(_, let format): try await takeValue(format, result, &status)
        }
    }

    private func find(_ path: String, in result: ResultDirectory, _ status: inout RunStatus) throws {
        let files = try result.directory.directory(SpoolLayout.Result.files)
        let file = try? files.open(beneath: Array(path.utf8), O_RDONLY)
        if let file, try FileStatus.of(descriptor: file.rawValue).kind == .regular {
            status.result = "\(SpoolLayout.Result.files)/\(path)"
        } else if status.state == .succeeded {
            status.state = .invalidOutput
            status.reason = "its result is missing: it left no file '\(path)'"
        }
    }

    private func takeValue(
        _ format: Manifest.ResultFormat, _ result: ResultDirectory, _ status: inout RunStatus
    ) async throws {
        let run = try context.spool.runDirectory(job.run).directory
        let name = format == .json ? SpoolLayout.Result.result : SpoolLayout.Result.resultTable
        let isNew = run.has(SpoolLayout.Run.result)
        guard isNew || result.directory.has(name) else { return }
        let file = try isNew ? run.open(SpoolLayout.Run.result, O_RDONLY) : result.directory.open(name, O_RDONLY)
        let size = try FileStatus.of(descriptor: file.rawValue).size
        if size == 0 { return try run.unlinkIfPresent(SpoolLayout.Run.result) }
        let fault = format == .json ? try fault(of: file.rawValue, size: size) : nil
        if let fault, status.state == .succeeded {
            status.state = .invalidOutput
            status.reason = fault
        }
        // One that was ended in the midst of writing it has left a piece, which is kept for looking.
        status.result = fault == nil || status.state == .invalidOutput ? "\(name)" : nil
        if isNew { try await move(file.rawValue, from: run, to: result, as: name) }
    }

    private func fault(of file: Int32, size: Int64) throws(Errno) -> String? {
        if size > Self.smallest { return nil }
        let bytes = try readAll(file, limit: Self.smallest)
        return JSONValue(reading: bytes) == nil
            ? "what it wrote to $BOBBIN_RESULT is no JSON, or is nested more than 64 levels deep" : nil
    }

    private func move(_ file: Int32, from run: Directory, to result: ResultDirectory, as name: EntryName) async throws {
        try changeMode(of: file, to: 0o640)
        do {
            try run.rename(SpoolLayout.Run.result, to: name, in: result.directory)
        } catch {
            if error != .isDirectory { throw error }
            // A reader who may write here put something in its place.
            try await context.launcher.remove(name, in: .result(job.claim))
            try run.rename(SpoolLayout.Run.result, to: name, in: result.directory)
        }
    }
}
