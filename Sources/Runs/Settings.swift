/// Everything `bobbin.yaml` can say, with the defaults filled in. Durations are milliseconds, sizes bytes.
public struct Settings: Hashable, Sendable {
    /// Runs at a time; nil: as many as there are processors.
    public var slots: Int?
    /// Below this nothing new starts.
    public var minFreeSpace: Int64 = 1 << 30
    public var intake = Intake()
    public var sandbox = SandboxSettings()
    public var retention = Retention()
    public var environments = Environments()
    /// Runtimes that the operator added, by name.
    public var runtimes: [String: RuntimeSettings] = [:]
    /// What is said of single queues; a queue that is not here has `QueueSettings()`.
    public var queues: [QueueName: QueueSettings] = [:]

    public init() {}

    /// Endings, with the dot, of scripts that the operator's runtimes run.
    public var scriptEndings: [String] { runtimes.values.flatMap(\.endings) }

    public func queue(_ name: QueueName) -> QueueSettings { queues[name] ?? QueueSettings() }

    /// Whether runs of any queue may have the host's network.
    public var allowsHostNetwork: Bool { queues.values.contains { $0.network.contains(.host) } }

    /// How long a queue's results and bundles are kept; the `maxSize` in it is the queue's own, beside the spool's.
    public func retention(of queue: QueueName) -> QueueRetention {
        self.queue(queue).retention ?? QueueRetention(of: retention)
    }

    /// When a drop is complete, and how much may wait.
    public struct Intake: Hashable, Sendable {
        /// Between two looks at a directory made in place.
        public var settle: Int64 = 2000
        /// Without change before a file written in place is taken.
        public var quiet: Int64 = 200
        /// Between two looks at all inboxes; nil is `never`.
        public var rescan: Int64? = 60_000
        /// After which an entry that stays incomplete is rejected.
        public var giveUp: Int64 = 24 * 3_600_000
        /// Bundles waiting to run; more stay in the inbox.
        public var maxQueued = 10_000
        public var maxBundleSize: Int64 = 1 << 30
        public var maxBundleEntries = 10_000

        public init() {}
    }

    /// What must be enforceable, else runs end `errored`.
    public struct SandboxSettings: Hashable, Sendable {
        public var require: Set<Mechanism> = [.namespaces, .seccomp]
        /// Path of the control group below which runs are placed; nil: Bobbin's own, if it is delegated.
        public var controlGroup: String?

        public init() {}
    }

    /// What `sandbox.require` may name.
    public enum Mechanism: String, Sendable, Hashable, CaseIterable {
        case namespaces, seccomp, memory, processes, cpu
    }

    /// A runtime as the operator names it.
    public struct RuntimeSettings: Hashable, Sendable {
        /// The program and its first arguments; the entry and the manifest's `args` follow.
        public var command: [String]
        /// Endings of scripts that it runs, with the dot.
        public var endings: [String] = []

        public init(command: [String]) { self.command = command }
    }
}

/// What one queue allows and supplies.
public struct QueueSettings: Hashable, Sendable {
    /// Runs of this queue at a time; nil: the global slots.
    public var slots: Int?
    /// Milliseconds.
    public var timeout: Int64 = 15 * 60_000
    /// Milliseconds; a manifest that asks for more is rejected.
    public var maxTimeout: Int64 = 24 * 3_600_000
    /// Tries at one run; a manifest that asks for more is rejected.
    public var maxAttempts = 10
    /// A manifest that asks for more is rejected.
    public var maxLimits = Limits.quadrupleDefaults
    /// What `network` may be.
    public var network: Set<NetworkMode> = [.none]
    /// Runtimes that may be used; nil: every one.
    public var runtimes: Set<String>?
    /// The modules that Python scripts may import; nil: every one.
    public var imports: [String]?
    /// Whether a manifest must say what its result is like.
    public var requireOutputSchema = false
    /// Whether its scripts may have requirements.
    public var environments = true
    /// nil: the spool's.
    public var retention: QueueRetention?

    public init() {}
}

/// What a run sees of the network.
public enum NetworkMode: String, Sendable, Hashable, CaseIterable {
    /// A loopback device of its own.
    case none
    /// The host's.
    case host
}

extension Limits {
    /// The most a manifest may ask for where a queue does not say otherwise.
    public static let quadrupleDefaults: Limits = {
        var limits = Limits()
        limits.memory *= 4
        limits.millicpus *= 4
        limits.processes *= 4
        limits.openFiles *= 4
        limits.fileSize *= 4
        limits.output *= 4
        limits.outputFiles *= 4
        limits.log *= 4
        limits.tmp *= 4
        return limits
    }()
}
