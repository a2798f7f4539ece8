/// A bundle's manifest with every default filled in: what is applied, and what manifest.json shows.
public struct Manifest: Hashable, Sendable {
    public var title: String
    public var description: String?
    /// In the manifest's order.
    public var labels: [Label] = []
    /// Whom it is accounted to; nil: the owner.
    public var account: String?
    /// A built-in runtime's name or one of the settings'.
    public var runtime: String
    /// The script, a path in the bundle: relative, `/` between its parts, none of them `.` or `..`.
    public var entry: String
    public var args: [String] = []
    public var env: [Label] = []
    public var input: Input?
    /// What the input must be like; no input counts as null.
    public var inputSchema: Schema?
    /// What the result must be like.
    public var outputSchema: Schema?
    public var call = Call.script
    /// For `main` and `statement`.
    public var mode = Mode.bulk
    public var onRowError = RowErrorRule.stop
    public var result = ResultRule.value(variable: nil, format: .json)
    /// What log.jsonl keeps: entries of this level and above.
    public var logLevel = LogLevel.info
    /// Whether a run that logged an error has failed, whatever its exit code.
    public var failsOnErrorLog = true
    public var checkpoint: CheckpointRule?
    /// The modules that the bundle's own Python code may import; nil: every one.
    public var imports: [String]?
    /// Which Python runs it, as a version specifier of PEP 440; nil: the first there is.
    public var python: String?
    /// What of other people's Python packages it needs, one requirement each, as PEP 508 has it.
    public var requirements: [String] = []
    /// A directory of the bundle with wheels for them.
    public var wheels: String?
    /// What it needs of R's packages, which are those of the machine.
    public var packages: [String] = []
    /// Milliseconds from start to the TERM signal.
    public var timeout: Int64
    /// Milliseconds from TERM to KILL.
    public var stopGrace: Int64 = 10_000
    public var limits = Limits()
    public var network = NetworkMode.none
    /// 1 is first, 99 last.
    public var priority = 50
    public var retry: Retry?
    /// nil: everything that was written comes back.
    public var outputs: [Output]?

    public init(title: String, runtime: String, entry: String, timeout: Int64) {
        self.title = title
        self.runtime = runtime
        self.entry = entry
        self.timeout = timeout
    }

    /// What the script finds on its standard input.
    public enum Input: Hashable, Sendable {
        /// JSON text: numbers as they were written, keys in their order.
        case json(String)
        /// A file of the bundle, byte for byte.
        case file(String)
    }

    /// A schema of JSON Schema's draft-07.
    public enum Schema: Hashable, Sendable {
        /// The schema as JSON text.
        case json(String)
        /// A file of the bundle.
        case file(String)
    }

    /// When a run that did not succeed is tried again.
    public struct Retry: Hashable, Sendable {
        public var attempts = 3
        /// Milliseconds before the second attempt.
        public var wait: Int64 = 30_000
        /// By which the wait grows each time, in thousandths.
        public var factorThousandths: Int64 = 2000
        /// Milliseconds.
        public var maxWait: Int64 = 600_000
        public var on: [RunState] = [.failed, .timedOut, .interrupted]

        public init() {}
    }

    /// A pattern of files that come back: `*` stops at `/`, `**` does not.
    public struct Output: Hashable, Sendable {
        public var path: String
        /// Whether a run without a match ends `invalid_output`.
        public var required: Bool

        public init(path: String, required: Bool) {
            self.path = path
            self.required = required
        }
    }
}
