internal import Runs
internal import Runtimes
internal import SandboxProtocol
internal import Spool

extension SandboxPlan {
    /// The plan of a run: its command, its bundle copy-on-write, its limits.
    init(job: Job, command: Command, slot: Int, showsInput: Bool, requiring: Set<Settings.Mechanism>) {
        self.init(
            place: .run(job.run), slot: UInt32(slot), program: .path([Array(command.program.utf8)]),
            arguments: command.arguments.map { Array($0.utf8) },
            environment: command.environment.map { Array($0.utf8) },
            limits: SandboxLimits(job.manifest.limits))
        required = Self.required(requiring)
        packages = job.prepared?.name
        hostNetwork = job.manifest.network == .host
        if hostNetwork { shown.insert(.resolver) }
        shown.formUnion([.result, .events])
        if showsInput { shown.insert(.input) }
    }

    /// What an operator may do without is in the settings; these two nobody is asked about.
    static func required(_ mechanisms: Set<Settings.Mechanism>) -> [String] {
        ["capabilities", "no_new_privs"] + mechanisms.map(\.rawValue).sorted()
    }
}

extension SandboxLimits {
    init(_ limits: Limits) {
        self.init()
        memory = UInt64(clamping: limits.memory)
        millicpus = UInt64(clamping: limits.millicpus)
        processes = UInt64(clamping: limits.processes)
        openFiles = UInt64(clamping: limits.openFiles)
        fileSize = UInt64(clamping: limits.fileSize)
        tmp = UInt64(clamping: limits.tmp)
    }
}
