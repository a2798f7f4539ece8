extension Manifest {
    /// How a script is called.
    public enum Call: String, Sendable, Hashable, CaseIterable {
        /// As a program.
        case script
        /// Its function `main` is called with the input; what that returns is the result.
        case main
        /// The file is the body of a function over a list of items; Python.
        case statement
    }

    /// Whether there is one call with the whole input, or one for each item of it.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        case bulk, rows
    }

    /// What follows when the call for one item fails.
    public enum RowErrorRule: String, Sendable, Hashable, CaseIterable {
        case stop
        case `continue`
    }

    /// What becomes of a run's result.
    public enum ResultRule: Hashable, Sendable {
        /// What the script writes to `$BOBBIN_RESULT`, returns, or leaves in a variable.
        case value(variable: String?, format: ResultFormat)
        /// A file that it leaves beside itself, a path in the bundle.
        case file(String)
    }

    public enum ResultFormat: String, Sendable, Hashable, CaseIterable {
        case json, csv
    }

    /// What of a run the next one of its key is told.
    public struct CheckpointRule: Hashable, Sendable {
        /// Whose value in the last item of the result is kept; nil: what the script says.
        public var column: String?
        /// Under which name in the queue; nil: the bundle's.
        public var key: String?

        public init(column: String? = nil, key: String? = nil) {
            self.column = column
            self.key = key
        }
    }

    /// How much a log entry matters, least first.
    public enum LogLevel: String, Sendable, Hashable, CaseIterable, Comparable {
        case trace, debug, info, warn, error

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// Whether a file of Bobbin's own calls the script.
    public var needsHarness: Bool {
        if call != .script || imports != nil { return true }
        if case .value(variable: _?, _) = result { return true }
        return false
    }
}
