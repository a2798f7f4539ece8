import Runs

import struct History.HistoryRecord

/// Runs as a busy spool would have them over a year: the same ones for the same seed.
///
/// 8 queues, 40 owners, 2,000 jobs of which few run often and many seldom; one run in ten has a name of its own. One in
/// twenty does not succeed. A job has one owner, queue, runtime, title, manifest and team.
struct SyntheticRuns {
    static let queues = ["default", "nightly", "hourly", "reports", "lab", "etl", "models", "exports"]
    static let teams = ["red", "green", "blue", "ocean", "forest", "desert"]
    static let runtimes = ["python", "python", "python", "sh", "bash", "r", "node"]
    static let year: Int64 = 365 * 86_400_000

    private struct Job {
        let name: BundleName
        let queue: QueueName
        let owner: String
        let runtime: String
        let labels: [Label]
        let title: String
        let manifest: String
        /// Milliseconds that it usually takes.
        let wall: Double
    }

    private var random: SplitMix
    private let jobs: [Job]
    /// Of each job, the share of runs up to it.
    private let shares: [Double]
    private let rows: Int64
    private let start: Int64
    private var number: Int64 = 0

    /// - Parameter ending: when the last of the rows ends.
    init?(seed: UInt64, rows: Int64, ending: Timestamp) {
        var random = SplitMix(state: seed)
        var jobs: [Job] = []
        var shares: [Double] = []
        var sum = 0.0
        for number in 0..<2000 {
            guard let job = Self.job("\(Self.words[number % Self.words.count])-\(number)", &random) else { return nil }
            jobs.append(job)
            sum += 1 / Double(number + 3)
            shares.append(sum)
        }
        self.random = random
        self.jobs = jobs
        self.shares = shares.map { $0 / sum }
        self.rows = rows
        start = ending.milliseconds - Self.year
    }

    private static let words = [
        "report", "backup", "import", "train", "sales", "clean", "export", "check", "Sync", "index",
    ]

    private static func job(_ name: String, _ random: inout SplitMix) -> Job? {
        let owner = Int(random.unit() * random.unit() * 40)
        // An owner uses a few queues.
        let queue = queues[(owner + Int(random.unit() * 3)) % queues.count]
        guard let name = BundleName(name), let queue = QueueName(queue) else { return nil }
        let runtime = runtimes[(owner + Int(random.unit() * 2)) % runtimes.count]
        var labels = [Label(key: "team", value: teams[owner % teams.count])]
        if random.unit() < 0.3 { labels.append(Label(key: "stage", value: random.unit() < 0.8 ? "prod" : "test")) }
        let listed = labels.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        let manifest =
            "{\"title\":\"The \(name)\",\"labels\":{\(listed)},\"account\":\"user\(owner)\",\"runtime\":\"\(runtime)\","
            + rest
        return Job(
            name: name, queue: queue, owner: "user\(owner)", runtime: runtime, labels: labels, title: "The \(name)",
            manifest: manifest, wall: 200 * exp2(random.unit() * random.unit() * 16))
    }

    private static let rest = #"""
        "entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,\#
        "processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,\#
        "tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}
        """#
    private static let codes: [Int32] = [1, 1, 1, 1, 1, 1, 2, 2, 3, 126, 127, 255]
    private static let enforced = [
        "namespaces": "user mount pid network ipc uts cgroup", "user": "own", "groups": "none", "root": "private",
        "bundle": "overlay", "network": "none", "seccomp": "filter", "capabilities": "none", "memory": "rlimit",
    ].sorted { $0.key < $1.key }.map { Label(key: $0.key, value: $0.value) }

    /// The next run, a little later than the one before.
    mutating func next() -> HistoryRecord? {
        number += 1
        let share = random.unit()
        var job = jobs[min(jobs.count - 1, shares.partitioningIndex { $0 >= share })]
        if random.unit() < 0.1 {
            guard let unique = Self.job("adhoc-\(number)", &random) else { return nil }
            job = unique
        }
        let submitted = start + Int64(Double(Self.year) * Double(number) / Double(rows))
        let at = Timestamp(milliseconds: submitted)
        var status = RunStatus(
            run: RunID(at: at, using: &random), name: job.name, queue: job.queue, state: .succeeded, owner: job.owner,
            submittedAt: at)
        status.title = job.title
        status.labels = job.labels
        if random.unit() < 0.02 { status.labels.append(Label(key: "build", value: "\(number)")) }
        end(&status, job)
        return HistoryRecord(
            status: status, claim: number, priority: 50, manifest: job.manifest,
            resultBytes: 4096 * Int64(1 + random.unit() * 20), bundleBytes: 8192)
    }

    private mutating func end(_ status: inout RunStatus, _ job: Job) {
        let wait = Int64(30 * exp2(random.unit() * 8))
        let wall = Int64(job.wall * (0.7 + 0.6 * random.unit()))
        let submitted = status.submittedAt.milliseconds
        status.bundleSHA256 = hexadecimal()
        status.finishedAt = Timestamp(milliseconds: submitted + wait)
        let chance = random.unit()
        if chance > 0.998 {
            status.state = .rejected
            status.reason = "manifest.yaml:\(random.next() % 40 + 1):1: unknown key 'timout'; did you mean 'timeout'?"
            return
        }
        status.attempt = 1
        status.startedAt = Timestamp(milliseconds: submitted + wait)
        status.finishedAt = Timestamp(milliseconds: submitted + wait + wall)
        status.waitMilliseconds = wait
        status.wallMilliseconds = wall
        status.cpuMilliseconds = wall / 2
        status.maxRSSBytes = Int64(8 << 20) + Int64(random.next() % (64 << 20))
        status.stdoutBytes = Int64(random.next() % 5000)
        status.stderrBytes = 0
        status.truncated = false
        status.runtime = job.runtime
        status.enforced = Self.enforced
        switch chance {
        case ..<0.95: status.exitCode = 0
        case ..<0.982:
            status.state = .failed
            let code = Self.codes[Int(random.next() % 12)]
            status.exitCode = code
            status.reason = "exit code \(code)"
        case ..<0.987: set(&status, .timedOut, "it ran longer than its timeout of 900.000 seconds", "SIGTERM")
        case ..<0.990: set(&status, .killed, "ended by SIGKILL, which Bobbin did not send", "SIGKILL")
        case ..<0.992: set(&status, .outOfMemory, "over limits.memory of 1 GiB", "SIGKILL")
        case ..<0.995: set(&status, .cancelled, "cancelled by user\(random.next() % 40)", "SIGTERM")
        case ..<0.9965:
            set(&status, .errored, "cannot write /srv/data/\(random.next() % 1_000_000): No space left on device", nil)
        case ..<0.9975: set(&status, .interrupted, "Bobbin was stopped while it ran", nil)
        case ..<0.9979: set(&status, .limitExceeded, "over limits.output of 100 MiB", nil)
        default: set(&status, .invalidOutput, "totals.csv is missing", nil)
        }
    }

    private func set(_ status: inout RunStatus, _ state: RunState, _ reason: String, _ signal: String?) {
        status.state = state
        status.reason = reason
        status.signal = signal
        if state == .invalidOutput { status.exitCode = 0 }
    }

    private mutating func hexadecimal() -> String {
        let words = [random.next(), random.next(), random.next(), random.next()]
        return String(unsafeUninitializedCapacity: 64) { buffer in
            for index in 0..<64 {
                let digit = UInt8(truncatingIfNeeded: words[index / 16] >> (UInt64(index % 16) * 4) & 15)
                buffer[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return 64
        }
    }
}

/// The same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

extension [Double] {
    fileprivate func partitioningIndex(_ isBehind: (Double) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

private func exp2(_ exponent: Double) -> Double {
    var result = 1.0
    for _ in 0..<Int(exponent) { result *= 2 }
    return result * (1 + exponent - exponent.rounded(.down))
}
