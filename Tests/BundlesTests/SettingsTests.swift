import Bundles
import Runs
import Testing

@Suite struct SettingsTests {
    private func read(_ text: String) -> Result<SettingsFile, InvalidFile> { SettingsFile.reading(Array(text.utf8)) }

    private func messages(_ text: String) -> [String] {
        guard case .failure(let error) = read(text) else { return [] }
        return error.errors.map(\.description)
    }

    @Test(arguments: ["", "# all of it is optional\n", "{}", "intake:\nqueues:\n  default:\nretention: {}\n"])
    func nothingSaid(_ text: String) throws {
        let file = try read(text).get()
        var expected = Settings()
        if text.contains("default") { expected.queues[try #require(QueueName("default"))] = QueueSettings() }
        #expect(file.settings == expected)
    }

    /// The example of the contract.
    static let example = """
        slots: 2                       # default: processors
        min_free_space: 1GiB           # below it nothing new starts; said in the log and by doctor
        intake:    {settle: 2s, quiet: 200ms, rescan: never, give_up: 24h, max_queued: 10000, max_bundle_size: 1GiB, max_bundle_entries: 10000}
        sandbox:   {require: [namespaces, seccomp]}          # what must be enforceable, else runs end 'errored'
        retention: {}
        runtimes:
          julia: {command: [/usr/bin/julia, --startup-file=no], endings: [.jl]}
        queues:
          default: {}
          nightly: {slots: 1, timeout: 2h, max_timeout: 6h, max_limits: {memory: 4GiB, cpus: 1.5}, network: [none, host], runtimes: [python, julia]}
          short: {max_timeout: 1m, network: [host]}
        """

    @Test func everyKey() throws {
        let file = try read(Self.example).get()
        let settings = file.settings
        #expect(settings.slots == 2 && settings.intake.rescan == nil && settings.intake.quiet == 200)
        #expect(settings.runtimes["julia"]?.command == ["/usr/bin/julia", "--startup-file=no"])
        #expect(settings.runtimes["julia"]?.endings == [".jl"])
        let nightly = settings.queue(try #require(QueueName("nightly")))
        #expect(nightly.slots == 1 && nightly.timeout == 7_200_000 && nightly.maxTimeout == 21_600_000)
        #expect(
            nightly.maxLimits.memory == 4 << 30 && nightly.maxLimits.millicpus == 1500
                && nightly.maxLimits.processes == 256)
        #expect(nightly.network == [.none, .host] && nightly.runtimes == ["python", "julia"])
        let short = settings.queue(try #require(QueueName("short")))
        #expect(short.timeout == 60_000 && short.network == [.none, .host])
        #expect(file.origin(of: "intake.settle").description == "bobbin.yaml:3")
        #expect(file.origin(of: "queues.nightly.max_limits.memory").description == "bobbin.yaml:10")
        #expect(file.origin(of: "queues.nightly.max_limits.log").description == "default")
        let entries = file.entries()
        #expect(entries.first?.key == "slots" && entries.first?.value == "2")
        #expect(
            entries.contains {
                $0.key == "intake.rescan" && $0.value == "never" && $0.origin == .file("bobbin.yaml", line: 3)
            })
        #expect(Set(entries.map(\.key)).count == entries.count)
    }

    @Test(arguments: [
        ("slot: 1", "1:1: unknown key 'slot'; did you mean 'slots'?"),
        ("slots: 0", "1:8: 'slots' must be more than zero; this is 0"),
        ("slots: all", "1:8: 'slots' must be a whole number; this is all"),
        ("intake: {rescan: nevr}", "1:18: 'rescan' must be a duration as 90s, 15m or 1h30m; this is nevr"),
        ("intake: {quiet: 400d}", "1:17: 'quiet' is 400d; at most 365d is allowed"),
        ("intake: [1]", "1:9: 'intake' must be a mapping of keys; this is a list"),
        (
            "sandbox: {require: [seccmp]}",
            "1:21: 'require' must be one of namespaces, seccomp, memory, processes, cpu; this is 'seccmp'; did you mean 'seccomp'?"
        ),
        (
            "sandbox: {cgroup: bobbin}",
            "1:19: 'cgroup' must be an absolute path below /sys/fs/cgroup; this is 'bobbin'"
        ),
        (
            "sandbox: {cgroup: /sys/fs/cgroup/../..}",
            "1:19: 'cgroup' must be an absolute path below /sys/fs/cgroup; this is '/sys/fs/cgroup/../..'"
        ),
        ("retention: {days: 3}", "1:13: unknown key 'days' in 'retention'"),
        (
            "retention: {results: {age: 0}}",
            "1:28: 'age' must be more than zero; this is 0; say 'never' if it is never to be swept for that"
        ),
        (
            "retention: {results: {max_size: -1GiB}}",
            "1:33: 'max_size' must be more than zero; this is '-1GiB'; say 'never' if it is never to be swept for that"
        ),
        (
            "retention: {results: {keep_last: 0}}",
            "1:34: 'keep_last' must be more than zero; this is 0; say 'never' if it is never to be swept for that"
        ),
        (
            "retention: {results: {age: soon}}",
            "1:28: 'age' must be a duration as 90s, 15m or 1h30m; this is soon"
        ),
        ("retention: {results: {age: 101y}}", "1:28: 'age' is 101y; at most 36500d is allowed"),
        ("retention: {archive: {keep_last: 3}}", "1:23: unknown key 'keep_last' in 'archive'"),
        (
            "retention: {results: {age: 30d, failed_age: 1d}}",
            "1:45: 'failed_age' is 1d, less than 'age' (30d): what failed is not to go before what succeeded"
        ),
        (
            "retention: {results: {failed_age: 1d}}",
            "1:35: 'failed_age' is 1d, less than 'age' (30d, the default): what failed is not to go before what succeeded"
        ),
        (
            "retention: {history: {age: never}, statistics: {age: 1y}}",
            "1:54: 'age' of statistics is 365d, less than 'age' of history (never): statistics outlive the runs that they count"
        ),
        ("retention: {sweep_every: 10ms}", "1:26: 'sweep_every' is 10ms; at least 1s is needed"),
        ("retention: {history: {max_rows: 1.5}}", "1:33: 'max_rows' must be a whole number; this is 1.5"),
        (
            "queues: {q: {retention: {results: {max_size: 30GiB}}}}",
            "1:46: 'max_size' is 30GiB; all queues together have 20GiB: raise 'retention.results.max_size' first"
        ),
        ("queues: {q: {retention: {history: {age: 1d}}}}", "1:26: unknown key 'history' in 'retention'"),
        (
            "queues: {My Queue: {}}",
            "1:10: 'My Queue' is no name of a queue: small letters, digits, '.', '_' and '-', at most 64"
        ),
        ("queues: {q: {timout: 1}}", "1:14: unknown key 'timout' in 'q'; did you mean 'timeout'?"),
        ("queues: {q: {timeout: 2h, max_timeout: 1h}}", "1:23: 'timeout' is 2h; 'max_timeout' of queue 'q' is 1h"),
        ("queues: {q: {timeout: 2d}}", "1:23: 'timeout' is 2d; 'max_timeout' of queue 'q' is 1d"),
        ("queues: {q: {max_limits: {memory: 0}}}", "1:35: 'memory' must be more than zero; this is 0"),
        (
            "queues: {q: {runtimes: [pithon]}}",
            "1:25: 'runtimes' must be one of python, r, node, sh, bash, perl, ruby, executable; this is 'pithon'; did you mean 'python'?"
        ),
        ("queues: {q: {runtimes: []}}", "1:24: 'runtimes' is empty; leave it out to allow every one"),
        ("runtimes: {python: {command: [x]}}", "1:12: runtime 'python' is built in; give yours another name"),
        ("runtimes: {julia: {}}", "1:12: runtime 'julia' needs a 'command'"),
        ("runtimes: {julia: {command: []}}", "1:29: 'command' must begin with a program"),
        (
            "runtimes: {julia: {command: [x], endings: [jl]}}",
            "1:44: an ending is a '.' and letters, as '.jl'; this is 'jl'"
        ),
        ("runtimes: {a: {command: [x], endings: [.zip]}}", "1:40: ending '.zip' is an archive's"),
        ("slots: [", "2:1: did not find expected node content while parsing a flow node"),
    ])
    func oneError(_ text: String, _ expected: String) { #expect(messages(text).first == "bobbin.yaml:" + expected) }

    @Test func retention() throws {
        let text = """
            retention:
              sweep_every: 10m
              results:      {age: 120d, keep_last: never, max_size: never}
              archive:      {age: never}
              history:      {age: 4y, max_rows: never}
              environments: {unused: 1w, max_size: 1GiB}
            queues:
              mine: {retention: {results: {age: 1d, failed_age: 2d, max_size: 1MiB}}}
            """
        let file = try read(text).get()
        let day: Int64 = 86_400_000
        let retention = file.settings.retention
        #expect(retention.sweepEvery == 600_000)
        // What failed stays at least as long as what succeeded, and statistics as long as the history.
        #expect(
            retention.results
                == Retention.Kept(age: 120 * day, failedAge: 120 * day, keepLast: nil, maxSize: nil))
        #expect(retention.archive == Retention.Kept(age: nil, failedAge: nil, keepLast: nil, maxSize: 10 << 30))
        #expect(retention.historyAge == 1460 * day && retention.statisticsAge == 1460 * day)
        #expect(retention.historyRows == nil)
        #expect(retention.environmentsUnused == 7 * day && retention.environmentsMaxSize == 1 << 30)
        let mine = file.settings.retention(of: try #require(QueueName("mine")))
        #expect(mine.results == Retention.Kept(age: day, failedAge: 2 * day, keepLast: nil, maxSize: 1 << 20))
        #expect(mine.archive.maxSize == nil && mine.archive.age == nil)
        let other = file.settings.retention(of: try #require(QueueName("other")))
        #expect(other.results.age == 120 * day && other.results.maxSize == nil)
        #expect(file.origin(of: "queues.mine.retention.results.age").description == "bobbin.yaml:8")
        #expect(file.entries().contains { $0.key == "retention.results.age" && $0.value == "120d" })
        #expect(Set(file.entries().map(\.key)).count == file.entries().count)
    }

    @Test func everyErrorAtOnce() {
        #expect(messages("slots: 0\nqueues:\n  q: {slots: -1}\n  q: {}\n").count == 3)
    }
}
