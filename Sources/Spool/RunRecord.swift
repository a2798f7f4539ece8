// state/runs/RUN/run.json is a run's record and the only thing recovery believes. It is a list of steps, one JSON object a
// line, only ever added to: each step is one write(2), a torn last line has no newline and does not count, and what was
// known before is never written again. What the steps say together is a `RunRecord`.
//
//   claimed   before the entry leaves the inbox (flushed before the rename)
//   queued    its bundle is complete in `bundle` and was accepted
//   running   an attempt begins; flushed before the script may start
//   started   the process that is the attempt, to be ended after a crash
//   ended     how the attempt ended, as the launcher reported it
//   retrying  it is over, what it left is collected, and another one follows after a wait
//   finished  the final status, before the result becomes visible; and what was accepted, of a bundle whose input was not

public import Linux
public import Runs

/// Bobbin's own record of one run.
public struct RunRecord: Sendable, Hashable {
    public var claim: Claim
    /// How the attempts ended that another one follows, in their order.
    public var earlier: [RunStatus] = []
    public var progress: Progress
    /// The flush that covers the final status and the result, once there is one.
    public var flush: Int64?

    public init(claim: Claim) {
        self.claim = claim
        progress = .claimed
    }

    /// What was known when the entry was taken from the inbox.
    public struct Claim: Sendable, Hashable {
        public var run: RunID
        public var queue: QueueName
        public var name: BundleName
        /// The entry's name as it was dropped.
        public var entry: EntryName
        /// The order of claiming, over restarts too.
        public var sequence: Int64
        /// Where the name's link in the outbox pointed before it was removed for this run.
        public var oldLink: [UInt8]?
        /// The known run that this entry claims to be again: its link was not touched.
        public var again: RunID?
        public var submittedAt: Timestamp
        /// The dropped entry's owner, as far as it was known.
        public var owner: UInt32
        public var group: UInt32
        /// What it runs again; nil: it was dropped.
        public var replay: Replay?

        public init(
            run: RunID, queue: QueueName, name: BundleName, entry: EntryName, sequence: Int64, submittedAt: Timestamp,
            owner: UInt32, group: UInt32
        ) {
            self.run = run
            self.queue = queue
            self.name = name
            self.entry = entry
            self.sequence = sequence
            self.submittedAt = submittedAt
            self.owner = owner
            self.group = group
        }
    }

    /// What a run that repeats another one is to be, as it was known when that was asked for.
    public struct Replay: Sendable, Hashable {
        public var parent: RunID
        /// Of the parent's bundle: what is taken from the archive must be that.
        public var bundleSHA256: String
        /// manifest.json of the parent, as one line; nil: the bundle's own manifest is read anew.
        public var manifest: String?

        public init(parent: RunID, bundleSHA256: String, manifest: String?) {
            self.parent = parent
            self.bundleSHA256 = bundleSHA256
            self.manifest = manifest
        }
    }

    /// How far the run is; each step has what only it knows.
    public enum Progress: Sendable, Hashable {
        case claimed
        case queued(Accepted)
        case running(Accepted, Attempt)
        case ended(Accepted, Attempt, Ending)
        case retrying(Accepted, Wait)
        case finished(Accepted?, RunStatus)
    }

    /// What intake found out.
    public struct Accepted: Sendable, Hashable {
        public var bundleSHA256: String
        /// manifest.json as one line: the manifest as it is applied.
        public var manifest: String
        /// What the bundle will take in the archive, about; nil in records of older versions.
        public var bundleBytes: Int64?

        public init(bundleSHA256: String, manifest: String, bundleBytes: Int64? = nil) {
            self.bundleSHA256 = bundleSHA256
            self.manifest = manifest
            self.bundleBytes = bundleBytes
        }
    }

    /// One try at running it.
    public struct Attempt: Sendable, Hashable {
        /// From 1.
        public var number: Int
        public var startedAt: Timestamp
        public var waitMilliseconds: Int64
        /// The sandbox's init, once there is one.
        public var process: Process?

        public init(number: Int, startedAt: Timestamp, waitMilliseconds: Int64) {
            self.number = number
            self.startedAt = startedAt
            self.waitMilliseconds = waitMilliseconds
        }
    }

    /// A process that cannot be mistaken for a later one with the same number.
    public struct Process: Sendable, Hashable {
        public var pid: Int32
        /// Clock ticks since boot, field 22 of /proc/PID/stat.
        public var startTime: UInt64

        public init(pid: Int32, startTime: UInt64) {
            self.pid = pid
            self.startTime = startTime
        }
    }

    /// How an attempt ended: the state and everything measured, but not yet what it left behind.
    public struct Ending: Sendable, Hashable {
        public var status: RunStatus

        public init(status: RunStatus) { self.status = status }
    }

    /// What passes before another attempt.
    public struct Wait: Sendable, Hashable {
        public var milliseconds: Int64
        /// When it is over by the boot clock...
        public var uptime: Uptime
        /// ...and by the wall clock, which counts only after another boot.
        public var until: Timestamp

        public init(milliseconds: Int64, uptime: Uptime, until: Timestamp) {
            self.milliseconds = milliseconds
            self.uptime = uptime
            self.until = until
        }

        /// A wait that begins now.
        public init(milliseconds: Int64, from uptime: Uptime, at now: Timestamp) {
            self.milliseconds = milliseconds
            self.uptime = Uptime(bootID: uptime.bootID, milliseconds: uptime.milliseconds + milliseconds)
            until = Timestamp(milliseconds: now.milliseconds + milliseconds)
        }

        /// Milliseconds that are left of it: never more than it was meant to be, whatever somebody set the wall clock to.
        public func remaining(_ uptime: Uptime, at now: Timestamp) -> Int64 {
            let isSameBoot = uptime.bootID == self.uptime.bootID && !uptime.bootID.isEmpty
            let (end, moment) =
                isSameBoot
                ? (self.uptime.milliseconds, uptime.milliseconds) : (until.milliseconds, now.milliseconds)
            // A record may have been damaged: whatever is in it, its run goes on.
            let (left, overflow) = end.subtractingReportingOverflow(moment)
            return min(max(0, overflow ? end : left), max(0, milliseconds))
        }
    }
}
