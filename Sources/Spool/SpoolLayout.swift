public import Linux
public import Runs

/// Every name that the spool's directories and files have.
public enum SpoolLayout {
    public static let settings: EntryName = "bobbin.yaml"
    public static let inbox: EntryName = "inbox"
    public static let active: EntryName = "active"
    public static let outbox: EntryName = "outbox"

    public static let control: EntryName = "control"
    public static let cancel: EntryName = "cancel"
    public static let pause: EntryName = "pause"
    public static let drain: EntryName = "drain"
    public static let requests: EntryName = "requests"
    public static let answers: EntryName = "answers"
    public static let space: EntryName = "space.json"
    public static let knownEnvironments: EntryName = "environments.json"
    public static let hindrances: EntryName = "hindrances.json"

    public static let history: EntryName = "history"
    public static let database: EntryName = "history.sqlite"

    public static let state: EntryName = "state"
    public static let lock: EntryName = "lock"
    public static let flushed: EntryName = "flushed"
    public static let holds: EntryName = "holds"
    public static let rebuild: EntryName = "rebuild"
    public static let runs: EntryName = "runs"
    public static let archive: EntryName = "archive"
    public static let environments: EntryName = "environments"
    public static let trash: EntryName = "trash"

    /// What lies in `state/runs/RUN/`.
    public enum Run {
        public static let record: EntryName = "run.json"
        public static let sent: EntryName = "sent"
        public static let archive: EntryName = "archive"
        public static let takenOver: EntryName = "bundle.tmp"
        public static let bundle: EntryName = "bundle"
        public static let upper: EntryName = "upper"
        public static let work: EntryName = "work"
        public static let input: EntryName = "input"
        public static let options: EntryName = "submit.json"
        public static let nameServers: EntryName = "resolv.conf"
        /// What the script wrote as its result, until it becomes a part of the result directory.
        public static let result: EntryName = "result"
        /// What its input or its result is checked against, as long as that takes.
        public static let schema: EntryName = "schema"
        /// The FIFO of what it says.
        public static let events: EntryName = "events"
    }

    /// What lies in `outbox/QUEUE/NAME.RUN/` and, as long as it is not finished, in `active/QUEUE/NAME.RUN/`.
    public enum Result {
        public static let state: EntryName = "state"
        public static let exitCode: EntryName = "exit_code"
        public static let status: EntryName = "status.json"
        public static let stdout: EntryName = "stdout"
        public static let stderr: EntryName = "stderr"
        public static let result: EntryName = "result.json"
        public static let resultTable: EntryName = "result.csv"
        /// What the script logged, one JSON object a line.
        public static let log: EntryName = "log.jsonl"
        public static let files: EntryName = "files"
        public static let manifest: EntryName = "manifest.json"
        public static let sent: EntryName = "sent"
        /// The results of earlier attempts, by their number.
        public static let attempts: EntryName = "attempts"
    }

    /// In `active/QUEUE`: the file that the `state` of every run in that state is a further name of.
    public static func word(_ state: RunState) -> EntryName { EntryName(".state.\(state.rawValue)") }

    /// The directory of one run's result, `NAME.RUN`.
    public static func directory(_ name: BundleName, _ run: RunID) -> EntryName { EntryName("\(name).\(run)") }

    /// What travels beside a bundle that `bobbin submit` drops: its input and its name.
    public static func submitOptions(of run: RunID) -> EntryName { EntryName(".\(run).submit.json") }
}

extension SpoolLayout {
    /// Ways from the spool's own directory to a place in it, name by name, for whoever opens them one by one.
    public enum Way {
        public static func inbox(_ queue: QueueName) -> [EntryName] {
            [SpoolLayout.inbox, EntryName(queue.description)]
        }
        public static func active(_ queue: QueueName) -> [EntryName] {
            [SpoolLayout.active, EntryName(queue.description)]
        }
        public static func outbox(_ queue: QueueName) -> [EntryName] {
            [SpoolLayout.outbox, EntryName(queue.description)]
        }
        public static let runs: [EntryName] = [SpoolLayout.state, SpoolLayout.runs]
        public static func run(_ run: RunID) -> [EntryName] { runs + [EntryName(run.description)] }
        public static func result(_ queue: QueueName, _ name: BundleName, _ run: RunID) -> [EntryName] {
            active(queue) + [directory(name, run)]
        }
        public static let active: [EntryName] = [SpoolLayout.active]
        public static let outbox: [EntryName] = [SpoolLayout.outbox]
        public static let environments: [EntryName] = [SpoolLayout.state, SpoolLayout.environments]
        public static let trash: [EntryName] = [SpoolLayout.state, SpoolLayout.trash]
        public static let archive: [EntryName] = [SpoolLayout.state, SpoolLayout.archive]
        public static func archived(_ run: RunID) -> [EntryName] { archive + [EntryName(run.description)] }
        public static let answers: [EntryName] = [SpoolLayout.control, SpoolLayout.answers]
    }
}
