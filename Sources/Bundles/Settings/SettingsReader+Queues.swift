internal import Runs

extension SettingsReader {
    static let queueKeys = [
        "slots", "timeout", "max_timeout", "max_attempts", "max_limits", "network", "runtimes", "imports",
        "require_output_schema", "environments", "retention",
    ]

    mutating func readQueues(
        _ node: Node?, runtimes: [String: Settings.RuntimeSettings], _ retention: Retention
    ) -> [QueueName: QueueSettings] {
        var queues: [QueueName: QueueSettings] = [:]
        for pair in node?.pairs(of: "queues", findings) ?? [] {
            guard let name = QueueName(pair.key) else {
                findings.add(
                    .badName,
                    "\(quoted(pair.key)) is no name of a queue: small letters, digits, '.', '_' and '-', at most 64",
                    at: pair.keyPosition)
                continue
            }
            note(pair.keyPosition, as: "queues.\(name)")
            queues[name] = readQueue(pair.value, name, runtimes, retention)
        }
        return queues
    }

    private mutating func readQueue(
        _ node: Node, _ name: QueueName, _ runtimes: [String: Settings.RuntimeSettings], _ retention: Retention
    ) -> QueueSettings {
        var queue = QueueSettings()
        let fields = Fields(node, of: name.description, known: Self.queueKeys, findings)
        note(fields, Self.queueKeys, in: "queues.\(name).")
        if let slots = fields.read("slots", { findings.count($0, "slots", Self.mostSlots) }) {
            queue.slots = Int(slots)
        }
        let timeout = fields.read("timeout") { findings.duration($0, "timeout", Self.longestDuration) }
        if let value = fields.read("max_timeout", { findings.duration($0, "max_timeout", Self.longestDuration) }) {
            queue.maxTimeout = value
        }
        if let timeout {
            queue.timeout = timeout
            if timeout > queue.maxTimeout, let position = fields["timeout"]?.position {
                findings.add(
                    .overMaximum,
                    "'timeout' is \(DurationText.text(timeout)); 'max_timeout' of queue '\(name)' is "
                        + DurationText.text(queue.maxTimeout), at: position)
            }
        } else {
            queue.timeout = min(queue.timeout, queue.maxTimeout)
        }
        if let attempts = fields.read("max_attempts", { findings.count($0, "max_attempts", Self.mostAttempts) }) {
            queue.maxAttempts = Int(attempts)
        }
        findings.limits(fields["max_limits"], "max_limits", into: &queue.maxLimits) {
            Ceiling(value: $0.absoluteMaximum)
        }
        let maxLimits = Fields(
            fields["max_limits"], of: nil, known: LimitKey.allCases.map(\.rawValue), Findings(file: ""))
        note(maxLimits, LimitKey.allCases.map(\.rawValue), in: "queues.\(name).max_limits.")
        if let modes = fields.read("network", { findings.list($0, "network") }) {
            // Having no network is what every queue gives.
            queue.network = Set(modes.compactMap { findings.word($0, "network", as: NetworkMode.self) }).union([.none])
        }
        if let list = fields.read("runtimes", { findings.list($0, "runtimes") }), let node = fields["runtimes"] {
            queue.runtimes = allowed(list, at: node.position, runtimes)
        }
        queue.imports = fields.read("imports") { findings.imports($0) }
        if let value = fields.read("require_output_schema", { findings.boolean($0, "require_output_schema") }) {
            queue.requireOutputSchema = value
        }
        if let allowed = fields.read("environments", { findings.boolean($0, "environments") }) {
            queue.environments = allowed
        }
        queue.retention = readRetention(fields["retention"], of: name, retention)
        return queue
    }

    private func allowed(
        _ elements: [Node], at position: Position, _ runtimes: [String: Settings.RuntimeSettings]
    ) -> Set<String> {
        if elements.isEmpty {
            findings.add(.badValue, "'runtimes' is empty; leave it out to allow every one", at: position)
        }
        let known = BuiltInRuntime.allCases.map(\.rawValue) + runtimes.keys.sorted()
        return Set(
            elements.compactMap { element in
                guard let name = findings.text(element, "runtimes") else { return nil }
                if known.contains(name) { return name }
                findings.badWord(name, "runtimes", among: known, at: element.position)
                return nil
            })
    }
}
