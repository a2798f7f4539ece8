internal import Glibc
internal import Linux
internal import Sandbox
internal import SandboxProtocol
internal import Synchronization
internal import SystemPackage

/// A program of Bobbin's own that reads what strangers made, in a sandbox of its own.
struct OwnProgram: Sendable {
    let launcher: Launcher
    let executable: SharedDescriptor
    let name: String
    /// Milliseconds it may take.
    let patience: Int64

    /// User ids of the pool above those that runs have as slots; one for each that runs at a time.
    private static let slots = Mutex<[UInt32]>((0..<mostAtATime).map { Self.firstSlot + $0 })
    private static let places = AsyncPlaces(Int(mostAtATime))
    private static let firstSlot: UInt32 = 240
    private static let mostAtATime: UInt32 = 8

    /// What came of it.
    struct Outcome: Sendable {
        let end: SandboxEnd
        /// Empty where it is more than was asked for.
        let output: [UInt8]
        let errors: [UInt8]
        /// Whether it was given up.
        let isLate: Bool
    }

    /// Runs it to its end; waits for a place where there is none.
    ///
    /// - Parameters:
    ///   - place: the run's directory; its descriptor as well.
    ///   - outputLimit: bytes of output that are looked at.
    func run(
        _ arguments: [String], in place: Place, _ directory: Directory, workspace: SandboxPlan.Workspace,
        shown: Set<ShownFile> = [], input: SharedDescriptor, limits: SandboxLimits, outputLimit: Int
    ) async throws -> Outcome {
        await Self.places.take()
        defer { Self.places.giveBack() }
        guard let slot = Self.slots.withLock({ $0.popLast() }) else { throw Errno.resourceTemporarilyUnavailable }
        defer { Self.slots.withLock { $0.append(slot) } }
        let output = SharedDescriptor(try directory.openUnnamed())
        let errors = SharedDescriptor(try directory.openUnnamed())
        var plan = SandboxPlan(
            place: place, slot: slot, program: .descriptor, arguments: ([name] + arguments).map { Array($0.utf8) },
            environment: [Array("LANG=C.UTF-8".utf8)], workspace: workspace, limits: limits)
        plan.shown = shown
        let sandbox = try await launcher.run(plan, input: input, output: output, error: errors, program: executable)
        let isLate = Mutex(false)
        // A timer: one that takes longer is given up.
        let deadline = Alarm {
            isLate.withLock { $0 = true }
            sandbox.kill()
        }
        deadline.set(SuspendingClock.now + .milliseconds(patience))
        let end = try await sandbox.end().end
        deadline.cancel()
        let outcome = Outcome(
            end: end, output: (try? Self.readFromStart(output.rawValue, outputLimit)) ?? [],
            errors: (try? Self.readFromStart(errors.rawValue, 4096)) ?? [], isLate: isLate.withLock { $0 })
        switch end {
        case .exited(ProgramHindered.exitCode):
            let number = String(decoding: outcome.errors.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)
            throw ProgramHindered(name: name, errno: Int32(number).map { Errno(rawValue: $0) } ?? .noSpace)
        case .failed(let step, let number): throw LauncherError.sandbox(step, Errno(rawValue: number))
        default: return outcome
        }
    }

    private static func readFromStart(_ descriptor: Int32, _ limit: Int) throws(Errno) -> [UInt8] {
        try check(Int32(truncatingIfNeeded: lseek(descriptor, 0, SEEK_SET)))
        return try readAll(descriptor, limit: limit)
    }
}

/// The machine was short of what a program of Bobbin's needed: not the fault of what it read.
struct ProgramHindered: Error, CustomStringConvertible {
    /// What such a program ends with then, its message beginning with the errno.
    static let exitCode: Int32 = 75

    let name: String
    let errno: Errno

    var description: String { "\(name): \(errno)" }
}
