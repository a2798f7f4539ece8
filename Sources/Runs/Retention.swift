/// How long what is over is kept, in the whole spool; nil is `never`: it is not swept for that reason.
public struct Retention: Hashable, Sendable {
    /// Milliseconds from one sweep to the next, beside the one at start.
    public var sweepEvery: Int64? = 3_600_000
    /// Results in the outbox.
    public var results = Kept(age: 30 * day, failedAge: 90 * day, keepLast: 10, maxSize: 20 << 30)
    /// Bundles that ran, kept so that they can be run again.
    public var archive = Kept(age: 7 * day, failedAge: 30 * day, keepLast: nil, maxSize: 10 << 30)
    /// Milliseconds that the history remembers a run.
    public var historyAge: Int64? = 365 * day
    /// Runs that the history remembers at most.
    public var historyRows: Int64? = 10_000_000
    /// Milliseconds that statistics and the audit are kept: they outlive the runs that they tell of.
    public var statisticsAge: Int64? = 3 * 365 * day
    /// Milliseconds since an environment was last used.
    public var environmentsUnused: Int64? = 30 * day
    /// Bytes of all environments together.
    public var environmentsMaxSize: Int64? = 10 << 30

    public init() {}

    private static let day: Int64 = 86_400_000

    /// How long directories of one kind are kept.
    public struct Kept: Hashable, Sendable {
        /// Milliseconds from a run's end, if it succeeded.
        public var age: Int64?
        /// Milliseconds from a run's end, if it ended in any other state.
        public var failedAge: Int64?
        /// So many of a queue's and name's newest stay whatever their age; nil: none does.
        public var keepLast: Int?
        /// Bytes on disk of all together; the oldest go first, also those that `keepLast` would keep.
        public var maxSize: Int64?

        public init(age: Int64?, failedAge: Int64?, keepLast: Int?, maxSize: Int64?) {
            self.age = age
            self.failedAge = failedAge
            self.keepLast = keepLast
            self.maxSize = maxSize
        }
    }
}

/// What a queue's own `retention` says otherwise; a queue without one is swept by the spool's.
public struct QueueRetention: Hashable, Sendable {
    /// The queue's rules of age, the spool's where it says nothing; `maxSize` is of this queue alone, nil: only the spool's.
    public var results: Retention.Kept
    public var archive: Retention.Kept

    /// The spool's rules; what all queues may take together is no rule of one.
    public init(of spool: Retention) {
        results = spool.results
        results.maxSize = nil
        archive = spool.archive
        archive.maxSize = nil
    }
}
