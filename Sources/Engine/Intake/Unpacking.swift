internal import Bundles
internal import Glibc
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage
internal import Trees

/// Unpacks an archive in a sandbox of its own: what parses it can at worst spoil the directory that it fills.
struct Unpacking: Sendable {
    let context: EngineContext

    /// Milliseconds an archive may take.
    private static let patience: Int64 = 10 * 60_000

    func unpack(
        _ run: RunID, _ format: ArchiveFormat, _ directory: RunDirectory, _ limits: Settings.Intake
    ) async throws -> TreeReport {
        try await context.launcher.remove(SpoolLayout.Run.takenOver, in: .run(run))
        try directory.directory.makeDirectory(SpoolLayout.Run.takenOver, mode: 0o755)
        let archive = SharedDescriptor(try directory.directory.open(SpoolLayout.Run.archive, O_RDONLY))
        var sandboxLimits = SandboxLimits()
        sandboxLimits.fileSize = UInt64(clamping: max(limits.maxBundleSize, 1 << 21))
        let program = OwnProgram(
            launcher: context.launcher, executable: context.unpacker, name: "bobbin-unpack", patience: Self.patience)
        let outcome = try await program.run(
            [format.rawValue, "\(limits.maxBundleSize)", "\(limits.maxBundleEntries)"], in: .run(run),
            directory.directory, workspace: .direct(SpoolLayout.Run.takenOver), input: archive, limits: sandboxLimits,
            outputLimit: TreeReport.maximumText)
        if outcome.end == .exited(code: 0), let report = TreeReport(text: outcome.output) { return report }
        var failed = TreeReport()
        let words = escaped(outcome.errors.prefix(300))
        failed.note(TreeProblem(.archiveDamaged, path: [], detail: "the archive could not be unpacked. \(words)"))
        return failed
    }
}
