import Bundles
import Glibc
import Runs

/// Every setting as text, with where it came from.
struct EffectiveSettings {
    struct Entry {
        let key: String
        let value: String
        let source: String
    }

    private(set) var entries: [Entry] = []
    private let file: SettingsFile

    init(_ file: SettingsFile, spool: String) throws(Failure) {
        self.file = file
        let settings = file.settings
        let isNamed = !Console.environment("BOBBIN_SPOOL", or: "").isEmpty
        entries.append(Entry(key: "spool", value: spool, source: isNamed ? "BOBBIN_SPOOL" : "command line or default"))
        try addSlots(settings)
        add("min_free_space", SizeText.text(settings.minFreeSpace))
        let intake = settings.intake
        add("intake.settle", DurationText.text(intake.settle))
        add("intake.quiet", DurationText.text(intake.quiet))
        add("intake.rescan", intake.rescan.map(DurationText.text) ?? "never")
        add("intake.give_up", DurationText.text(intake.giveUp))
        add("intake.max_queued", "\(intake.maxQueued)")
        add("intake.max_bundle_size", SizeText.text(intake.maxBundleSize))
        add("intake.max_bundle_entries", "\(intake.maxBundleEntries)")
        let require = Settings.Mechanism.allCases.filter(settings.sandbox.require.contains)
        add("sandbox.require", Self.list(require.map(\.rawValue)))
        for (name, runtime) in settings.runtimes.sorted(by: { $0.key < $1.key }) {
            add("runtimes.\(name).command", Self.list(runtime.command))
            add("runtimes.\(name).endings", Self.list(runtime.endings))
        }
        for (name, queue) in settings.queues.sorted(by: { $0.key < $1.key }) { add(queue, as: "queues.\(name)") }
    }

    private mutating func addSlots(_ settings: Settings) throws(Failure) {
        let wanted = Console.environment("BOBBIN_SLOTS", or: "")
        if wanted.isEmpty {
            let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
            return add("slots", "\(settings.slots ?? max(1, processors))")
        }
        guard let slots = Int(wanted), slots > 0 else {
            throw Failure(
                .badData, "BOBBIN_SLOTS is '\(wanted)', and no number of slots; unset it or give it a positive number")
        }
        entries.append(Entry(key: "slots", value: "\(slots)", source: "BOBBIN_SLOTS"))
    }

    private mutating func add(_ queue: QueueSettings, as prefix: String) {
        add("\(prefix).slots", queue.slots.map(String.init) ?? "as slots")
        add("\(prefix).timeout", DurationText.text(queue.timeout))
        add("\(prefix).max_timeout", DurationText.text(queue.maxTimeout))
        let most = queue.maxLimits
        add("\(prefix).max_limits.memory", SizeText.text(most.memory))
        let fraction = most.millicpus % 1000 == 0 ? "" : ".\(String(1000 + most.millicpus % 1000).dropFirst())"
        add("\(prefix).max_limits.cpus", "\(most.millicpus / 1000)\(fraction)")
        add("\(prefix).max_limits.processes", "\(most.processes)")
        add("\(prefix).max_limits.open_files", "\(most.openFiles)")
        add("\(prefix).max_limits.file_size", SizeText.text(most.fileSize))
        add("\(prefix).max_limits.output", SizeText.text(most.output))
        add("\(prefix).max_limits.output_files", "\(most.outputFiles)")
        add("\(prefix).max_limits.log", SizeText.text(most.log))
        add("\(prefix).max_limits.tmp", SizeText.text(most.tmp))
        add("\(prefix).network", Self.list(NetworkMode.allCases.filter(queue.network.contains).map(\.rawValue)))
        add("\(prefix).runtimes", queue.runtimes.map { Self.list($0.sorted()) } ?? "every one")
    }

    private mutating func add(_ key: String, _ value: String) {
        entries.append(Entry(key: key, value: value, source: file.origin(of: key).description))
    }

    private static func list(_ values: [String]) -> String { "[" + values.joined(separator: ", ") + "]" }
}
