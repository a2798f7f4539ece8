internal import Runs

/// Reads the keys of `bobbin.yaml`; every error is reported, none ends the reading.
struct SettingsReader {
    let findings: Findings
    /// Key paths and the lines that say them.
    private(set) var lines: [String: Int] = [:]

    static let keys = [
        "slots", "min_free_space", "intake", "sandbox", "environments", "runtimes", "retention", "queues",
    ]
    static let intakeKeys = [
        "settle", "quiet", "rescan", "give_up", "max_queued", "max_bundle_size", "max_bundle_entries",
    ]
    static let longestDuration = Ceiling(value: 365 * 86_400_000)
    static let largestSize = Ceiling(value: 1 << 50)
    static let mostSlots = Ceiling(value: 200)
    /// Each keeps its files until the run is swept.
    static let mostAttempts = Ceiling(value: 100)

    init(findings: Findings) { self.findings = findings }

    mutating func read(_ root: Node?) -> Settings {
        var settings = Settings()
        let fields = Fields(root, of: nil, known: Self.keys, findings)
        note(fields, ["slots", "min_free_space"], in: "")
        if let slots = fields.read("slots", { findings.count($0, "slots", Self.mostSlots) }) {
            settings.slots = Int(slots)
        }
        if let size = fields.read("min_free_space", { findings.size($0, "min_free_space", Self.largestSize) }) {
            settings.minFreeSpace = size
        }
        readIntake(fields["intake"], into: &settings.intake)
        readSandbox(fields["sandbox"], into: &settings.sandbox)
        readEnvironments(fields["environments"], into: &settings.environments)
        settings.runtimes = readRuntimes(fields["runtimes"])
        settings.retention = readRetention(fields["retention"])
        settings.queues = readQueues(fields["queues"], runtimes: settings.runtimes, settings.retention)
        return settings
    }

    /// Remembers where keys are said.
    mutating func note(_ fields: Fields, _ keys: [String], in prefix: String) {
        for key in keys { lines[prefix + key] = fields.positions[key]?.line }
    }

    mutating func note(_ position: Position, as key: String) { lines[key] = position.line }

    private mutating func readIntake(_ node: Node?, into intake: inout Settings.Intake) {
        let fields = Fields(node, of: "intake", known: Self.intakeKeys, findings)
        note(fields, Self.intakeKeys, in: "intake.")
        func duration(_ key: String) -> Int64? {
            fields.read(key) { findings.duration($0, key, Self.longestDuration) }
        }
        if let value = duration("settle") { intake.settle = value }
        if let value = duration("quiet") { intake.quiet = value }
        if let value = duration("give_up") { intake.giveUp = value }
        if fields["rescan"]?.text == "never" {
            intake.rescan = nil
        } else if let value = duration("rescan") {
            intake.rescan = value
        }
        if let size = fields.read("max_bundle_size", { findings.size($0, "max_bundle_size", Self.largestSize) }) {
            intake.maxBundleSize = size
        }
        func count(_ key: String) -> Int? {
            fields.read(key) { findings.count($0, key, Ceiling(value: 10_000_000)) }.map { Int($0) }
        }
        if let value = count("max_queued") { intake.maxQueued = value }
        if let value = count("max_bundle_entries") { intake.maxBundleEntries = value }
    }

    private mutating func readSandbox(_ node: Node?, into sandbox: inout Settings.SandboxSettings) {
        let fields = Fields(node, of: "sandbox", known: ["require", "cgroup"], findings)
        note(fields, ["require", "cgroup"], in: "sandbox.")
        if let path = fields.read("cgroup", { findings.text($0, "cgroup") }), let position = fields["cgroup"]?.position
        {
            if path.utf8.first == 0x2F, path.utf8.count <= 4000, path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
                !path.split(separator: "/").contains("..")
            {
                sandbox.controlGroup = path
            } else {
                findings.add(
                    .badValue, "'cgroup' must be an absolute path below /sys/fs/cgroup; this is \(quoted(path))",
                    at: position)
            }
        }
        guard let elements = fields.read("require", { findings.list($0, "require") }) else { return }
        sandbox.require = Set(elements.compactMap { findings.word($0, "require", as: Settings.Mechanism.self) })
    }
}
