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
        ("retention: {days: 3}", "1:13: unknown key 'days' in 'retention'"),
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

    @Test func everyErrorAtOnce() {
        #expect(messages("slots: 0\nqueues:\n  q: {slots: -1}\n  q: {}\n").count == 3)
    }
}
