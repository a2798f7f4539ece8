internal import Glibc
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Runs `/bin/true` once at start: whether this machine, and the filesystem that the spool is on, can hold a sandbox at all.
struct Trial: Sendable {
    let context: EngineContext

    /// Throws if no bundle could ever be mounted here. What else is lacking is said, and each run that needs it will end `errored`.
    func run() async throws {
        do {
            try await tryOnce()
        } catch  where Hindrances.isPassing(error) {
            // A daemon that starts on a full disk waits for room like one that runs.
            context.logger.warning("whether a sandbox can be made here was not tried: \(error)")
        }
    }

    private func tryOnce() async throws {
        let run = RunID.new()
        let directory = try context.spool.makeRunDirectory(run)
        do {
            try directory.directory.makeDirectory(SpoolLayout.Run.bundle)
        } catch {
            context.discardClaim(run)
            throw error
        }
        var failure: LauncherError?
        do {
            let null = SharedDescriptor(try OwnedDescriptor(openingForReadingAndWriting: "/dev/null"))
            let plan = SandboxPlan(
                place: .run(run), slot: 0, program: .path([Array("/bin/true".utf8)]), arguments: [Array("true".utf8)],
                environment: [])
            let sandbox = try await context.launcher.run(plan, input: null, output: null, error: null)
            if case .failed(let step, let number) = try await sandbox.end().end {
                failure = .sandbox(step, Errno(rawValue: number))
            }
        } catch let error as LauncherError { failure = error }
        context.discardClaim(run)
        if let report = try? await context.launcher.controlGroup() { say(report) }
        guard let failure else { return }
        if Hindrances.isPassing(failure) { throw failure }
        if case .sandbox(.bundle, let error) = failure { throw EngineError.unsuitableFilesystem(error) }
        context.logger.error(
            "no sandbox can be made here, every run will end 'errored': \(failure); see: bobbin doctor")
    }

    /// By what limits on memory, processes and processors are held here, once.
    private func say(_ report: ControlGroupReport) {
        let missing = RunController.allCases.filter { !report.controllers.contains($0) }
        if missing.isEmpty {
            return context.logger.info("each run has a control group of its own below \(report.path)")
        }
        let names = missing.map(\.rawValue).joined(separator: ", ")
        context.logger.notice(
            "no control group holds \(names) of a run as a whole: \(report.problem); see: bobbin doctor")
        let require = context.settings.value.sandbox.require
        let required = missing.filter { limit in
            limit.needsGroup && require.contains { $0.rawValue == limit.rawValue }
        }
        if required.isEmpty { return }
        context.logger.error(
            "every run will end 'errored': sandbox.require asks for \(required.map(\.rawValue).joined(separator: ", "))"
        )
    }
}
