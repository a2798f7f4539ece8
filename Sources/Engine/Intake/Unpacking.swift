internal import Bundles
internal import Glibc
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
internal import SystemPackage
internal import Trees

/// Unpacks an archive in a sandbox of its own: what parses it can at worst spoil the directory that it fills.
struct Unpacking: Sendable {
    let context: EngineContext

    /// User ids of the pool above those that runs have as slots; one for each archive that is unpacked at a time.
    private static let slots = Mutex<[UInt32]>((0..<8).map { Self.firstSlot + $0 })
    static let firstSlot: UInt32 = 240

    /// Milliseconds an archive may take.
    private static let patience: Int64 = 10 * 60_000

    func unpack(
        _ run: RunID, _ format: ArchiveFormat, _ directory: RunDirectory, _ limits: Settings.Intake
    ) async throws -> TreeReport {
        guard let slot = Self.slots.withLock({ $0.popLast() }) else { throw Errno.resourceTemporarilyUnavailable }
        defer { Self.slots.withLock { $0.append(slot) } }
        try await context.launcher.remove(SpoolLayout.Run.takenOver, in: .run(run))
        try directory.directory.makeDirectory(SpoolLayout.Run.takenOver, mode: 0o755)
        let archive = SharedDescriptor(try directory.directory.open(SpoolLayout.Run.archive, O_RDONLY))
        let report = SharedDescriptor(try directory.directory.openUnnamed())
        let errors = SharedDescriptor(try directory.directory.openUnnamed())
        var plan = SandboxPlan(
            place: .run(run), slot: slot, program: .descriptor,
            arguments: ["bobbin-unpack", format.rawValue, "\(limits.maxBundleSize)", "\(limits.maxBundleEntries)"]
                .map { Array($0.utf8) },
            environment: [Array("LANG=C.UTF-8".utf8)], workspace: .direct(SpoolLayout.Run.takenOver))
        plan.limits.fileSize = UInt64(clamping: max(limits.maxBundleSize, 1 << 21))
        let sandbox = try await context.launcher.run(
            plan, input: archive, output: report, error: errors, program: context.unpacker)
        // A timer: an archive that takes longer is given up.
        let deadline = Alarm { sandbox.kill() }
        deadline.set(SuspendingClock.now + .milliseconds(Self.patience))
        let end = try await sandbox.end().end
        deadline.cancel()
        if case .exited(UnpackingHindered.exitCode) = end {
            let words = (try? readFromStart(errors.rawValue)) ?? []
            let number = Int32(String(decoding: words.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
            throw UnpackingHindered(errno: number.map { Errno(rawValue: $0) } ?? .noSpace)
        }
        guard case .exited(0) = end, let text = try? readFromStart(report.rawValue),
            let decoded = TreeReport(text: text)
        else {
            if case .failed(let step, let number) = end { throw LauncherError.sandbox(step, Errno(rawValue: number)) }
            var failed = TreeReport()
            let words = (try? readFromStart(errors.rawValue)).map { escaped($0.prefix(300)) } ?? ""
            failed.note(
                TreeProblem(.archiveDamaged, path: [], detail: "the archive could not be unpacked. \(words)"))
            return failed
        }
        return decoded
    }

    private func readFromStart(_ descriptor: Int32) throws(Errno) -> [UInt8] {
        try check(Int32(truncatingIfNeeded: lseek(descriptor, 0, SEEK_SET)))
        return try readAll(descriptor, limit: TreeReport.maximumText)
    }
}

/// What an archive holds could not be written down: not the archive's fault.
struct UnpackingHindered: Error, CustomStringConvertible {
    /// What `bobbin-unpack` ends with then, its message beginning with the errno.
    static let exitCode: Int32 = 75

    let errno: Errno

    var description: String { "unpacking: \(errno)" }
}
