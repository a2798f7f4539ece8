/// The order of runs.
public struct HistorySort: Hashable, Sendable {
    public let key: Key
    public let isAscending: Bool

    /// - Parameter isAscending: nil: as the key is usually wanted, the newest and the most first, names from A to Z.
    public init(_ key: Key = .submitted, isAscending: Bool? = nil) {
        self.key = key
        self.isAscending = isAscending ?? key.isText
    }

    /// The columns that can be sorted by, under the names that they have in status.json.
    public enum Key: String, CaseIterable, Sendable {
        case run, name, queue, state, owner, runtime
        case exitCode = "exit_code"
        case attempt, priority
        case submitted = "submitted_at"
        case started = "started_at"
        case finished = "finished_at"
        case wait = "wait_seconds"
        case wall = "wall_seconds"
        case cpu = "cpu_seconds"
        case memory = "max_rss_bytes"
        case stdout = "stdout_bytes"
        case stderr = "stderr_bytes"
        case result = "result_bytes"
        case bundle = "bundle_bytes"

        /// Whether an index has this order. For others all runs that the filter lets through are looked at, so at most
        /// `limitOfOthers` of them are given.
        public var isIndexed: Bool { self == .submitted || self == .finished }

        var isText: Bool {
            switch self {
            case .run, .name, .queue, .state, .owner, .runtime: true
            default: false
            }
        }

        /// Of the tables `run`, `job` and `kind`; never NULL, so that it can be compared with.
        var sql: String {
            switch self {
            case .run: "run.run"
            case .name: "job.name"
            case .queue: "job.queue"
            case .state: "kind.state"
            case .owner: "kind.owner"
            case .runtime: "ifnull(kind.runtime, '')"
            case .exitCode: "ifnull(kind.exit_code, -1)"
            case .submitted: "run.submitted_at"
            // As the index has it.
            case .finished: "ifnull(run.finished_at, run.submitted_at)"
            case .started: "ifnull(run.started_at, -1)"
            case .wait: "ifnull(run.wait_ms, -1)"
            case .wall: "ifnull(run.wall_ms, -1)"
            case .cpu: "ifnull(run.cpu_ms, -1)"
            case .attempt, .priority, .memory, .stdout, .stderr, .result, .bundle: "ifnull(run.\(rawValue), -1)"
            }
        }
    }

    /// How many runs are given at most in an order that no index has: their numbers are held in memory.
    public static let limitOfOthers = 100_000
}
