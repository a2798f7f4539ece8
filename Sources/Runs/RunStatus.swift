/// Everything that status.json says of a run; what is absent is not known, or not so.
public struct RunStatus: Hashable, Sendable {
    public var run: RunID
    public var name: BundleName
    public var queue: QueueName
    public var state: RunState
    /// Only if the script ended by itself.
    public var exitCode: Int32?
    /// The signal that ended the script, as `SIGKILL`.
    public var signal: String?
    /// One sentence that says why, and the way out.
    public var reason: String?
    public var errors: [BundleError] = []
    public var title: String?
    /// The unix user of the dropped entry: its name, or its number where it has none.
    public var owner: String
    /// In the manifest's order.
    public var labels: [Label] = []
    /// The attempt that runs or ran last, from 1; absent as long as nothing ran.
    public var attempt: Int?
    public var submittedAt: Timestamp
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    /// Milliseconds from being taken to being started, by the monotonic clock.
    public var waitMilliseconds: Int64?
    /// Milliseconds of wall time while it ran, by the monotonic clock.
    public var wallMilliseconds: Int64?
    /// Milliseconds of processor time, user and system, of all its processes.
    public var cpuMilliseconds: Int64?
    public var maxRSSBytes: Int64?
    /// As written, before anything was cut.
    public var stdoutBytes: Int64?
    public var stderrBytes: Int64?
    /// Whether stdout or stderr was cut to the log limit.
    public var truncated: Bool?
    /// 64 lower-case hexadecimal digits.
    public var bundleSHA256: String?
    public var runtime: String?
    /// What was held → by what, in the launcher's order.
    public var enforced: [Label] = []
    public var droppedFiles: [DroppedFile] = []
    /// The run that this one repeats.
    public var parentRun: RunID?
    /// While it waits for another attempt: when that may begin, by the wall clock of the moment that it was written.
    public var retryAt: Timestamp?
    /// What the script said while it ran.
    public var report = RunReport()
    /// The file that is its result, relative to the result's directory; absent if there is none.
    public var result: String?
    /// What of other people's packages it had; nil if it asked for nothing.
    public var environment: RunEnvironment?

    public init(
        run: RunID, name: BundleName, queue: QueueName, state: RunState, owner: String, submittedAt: Timestamp
    ) {
        self.run = run
        self.name = name
        self.queue = queue
        self.state = state
        self.owner = owner
        self.submittedAt = submittedAt
    }
}

/// A text that has a name; a list of them keeps its order.
public struct Label: Hashable, Sendable {
    public let key: String
    public let value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// One thing that is wrong with a bundle.
public struct BundleError: Hashable, Sendable {
    /// A word for programs, as `unknown_key`; never changed once it is out.
    public let code: String
    public let message: String
    /// Relative to the bundle's root.
    public let file: String?
    /// From 1.
    public let line: Int?
    /// From 1, in characters.
    public let column: Int?

    public init(code: String, message: String, file: String? = nil, line: Int? = nil, column: Int? = nil) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.column = column
    }
}

extension BundleError: CustomStringConvertible {
    /// As compilers print it: `manifest.yaml:4:3: unknown key 'timout'; did you mean 'timeout'?`
    public var description: String {
        guard let file else { return message }
        guard let line else { return "\(file): \(message)" }
        guard let column else { return "\(file):\(line): \(message)" }
        return "\(file):\(line):\(column): \(message)"
    }
}

/// Something a script left that does not come back.
public struct DroppedFile: Hashable, Sendable {
    /// Relative to `files/`; bytes that are not UTF-8 as `\xNN`.
    public let path: String
    /// `link`, `fifo`, `socket`, `device`, `file`, `directory`.
    public let kind: String
    public let reason: String

    public init(path: String, kind: String, reason: String) {
        self.path = path
        self.kind = kind
        self.reason = reason
    }
}
