internal import Runs

/// Reads a manifest's keys; every error is reported, none ends the reading.
struct ManifestReader {
    let findings: Findings
    /// nil where nothing limits it, as for a manifest that was applied already.
    let queue: (name: QueueName, settings: QueueSettings)?
    /// Runtimes that `bobbin.yaml` names.
    let runtimes: [String]

    static let keys = [
        "title", "description", "labels", "account", "runtime", "entry", "args", "env", "input", "input_schema",
        "output_schema", "call", "mode", "on_row_error", "result", "checkpoint", "imports", "log_level",
        "fail_on_error_log", "python", "requirements", "wheels", "packages", "timeout", "stop_grace", "limits",
        "network", "priority", "retry", "outputs",
    ]
    /// One argument, or one variable with its name and `=`: the kernel's MAX_ARG_STRLEN without the NUL.
    static let longestArgument = 131_071

    /// - Parameter root: nil for a bundle without a manifest, or with an empty one.
    func read(_ root: Node?) -> ManifestDraft {
        let fields = Fields(root, of: nil, known: Self.keys, findings)
        var draft = ManifestDraft()
        draft.title = fields.read("title") { findings.text($0, "title") }
        draft.description = fields.read("description") { findings.text($0, "description", isEmptyAllowed: true) }
        draft.account = fields.read("account", account)
        draft.labels = fields.read("labels") { texts($0, "labels") } ?? []
        draft.runtime = fields.read("runtime", runtime)
        draft.entry = fields.read("entry") { node in
            findings.path(node, "entry").map { .init(value: $0, position: node.position) }
        }
        draft.args = fields.read("args", arguments) ?? []
        draft.env = fields.read("env", environment) ?? []
        draft.input = fields.read("input", input)
        draft.inputSchema = fields.read("input_schema") { schema($0, "input_schema") }
        draft.outputSchema = fields.read("output_schema") { schema($0, "output_schema") }
        draft.ways = ways(fields)
        draft.timeout = fields.read("timeout") {
            findings.duration($0, "timeout", ceiling(queue?.settings.maxTimeout ?? .max))
        }
        draft.stopGrace = fields.read("stop_grace") { findings.duration($0, "stop_grace", Ceiling(value: 300_000)) }
        draft.limits = limits(fields["limits"])
        draft.network = fields.read("network", network) ?? .none
        draft.priority = fields.read("priority") { findings.count($0, "priority", Ceiling(value: 99)) }.map { Int($0) }
        draft.retry = fields.read("retry", retry)
        draft.outputs = fields.read("outputs", outputs)
        draft.needs = needs(fields)
        return draft
    }

    func ceiling(_ value: Int64) -> Ceiling {
        Ceiling(value: value, place: queue.map { " in queue '\($0.name)'" } ?? "")
    }

    private func account(_ node: Node) -> String? {
        guard let text = findings.text(node, "account") else { return nil }
        if text.utf8.count <= 128, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) {
            return text
        }
        findings.add(.badValue, "'account' must be one line of at most 128 bytes", at: node.position)
        return nil
    }

    private func runtime(_ node: Node) -> ManifestDraft.Placed<String>? {
        guard let name = findings.text(node, "runtime") else { return nil }
        let known = BuiltInRuntime.allCases.map(\.rawValue) + runtimes
        // A manifest that was applied names a runtime that the settings may have lost since: its run goes on being read.
        if let queue {
            guard known.contains(name) else {
                findings.badWord(name, "runtime", among: known, at: node.position)
                return nil
            }
            if let allowed = queue.settings.runtimes, !allowed.contains(name) {
                findings.add(.notAllowed, Self.forbidden(runtime: name, queue.name, allowed), at: node.position)
                return nil
            }
        }
        return .init(value: name, position: node.position)
    }

    static func forbidden(runtime: String, _ queue: QueueName, _ allowed: Set<String>) -> String {
        "runtime '\(runtime)' is not allowed in queue '\(queue)'; allowed: \(allowed.sorted().joined(separator: ", "))"
    }

    private func network(_ node: Node) -> NetworkMode? {
        guard let mode = findings.word(node, "network", as: NetworkMode.self) else { return nil }
        if mode == .none { return mode }
        if let queue, !queue.settings.network.contains(mode) {
            findings.add(
                .notAllowed, "network '\(mode.rawValue)' is not allowed in queue '\(queue.name)'", at: node.position)
            return nil
        }
        return mode
    }

    private func arguments(_ node: Node) -> [String]? {
        findings.list(node, "args")?.compactMap { element in
            guard let text = findings.verbatim(element, "args") else { return nil }
            return isPassable(text.utf8, as: "an argument", at: element.position) ? text : nil
        }
    }

    private func texts(_ node: Node, _ key: String) -> [Label] {
        node.pairs(of: key, findings).compactMap { pair in
            findings.verbatim(pair.value, pair.key.isEmpty ? key : Self.shortened(pair.key))
                .map { Label(key: pair.key, value: $0) }
        }
    }

    private func environment(_ node: Node) -> [Label]? {
        var variables: [Label] = []
        for pair in node.pairs(of: "env", findings) {
            guard Self.isVariableName(pair.key) else {
                findings.add(
                    .badName, "\(quoted(pair.key)) is no name of a variable: letters, digits and '_', no digit first",
                    at: pair.keyPosition)
                continue
            }
            if pair.key.hasPrefix("BOBBIN_") {
                findings.add(
                    .badName, "\(quoted(pair.key)) cannot be set: names that begin with BOBBIN_ are Bobbin's own",
                    at: pair.keyPosition)
                continue
            }
            guard let value = findings.verbatim(pair.value, Self.shortened(pair.key)),
                isPassable(Array("\(pair.key)=\(value)".utf8), as: "a variable", at: pair.value.position)
            else { continue }
            variables.append(Label(key: pair.key, value: value))
        }
        return variables
    }

    /// A key of the stranger's choice, where a message names it.
    private static func shortened(_ key: String) -> String { String(quoted(key).dropFirst().dropLast()) }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
    }

    /// Whether the kernel can hand it to a program.
    private func isPassable(_ bytes: some Collection<UInt8>, as what: String, at position: Position) -> Bool {
        if bytes.contains(0) {
            findings.add(.badValue, "\(what) cannot hold a NUL", at: position)
            return false
        }
        if bytes.count > Self.longestArgument {
            findings.add(
                .tooLarge,
                "\(what) is \(bytes.count) bytes; at most \(Self.longestArgument) can be passed: use 'input'",
                at: position)
            return false
        }
        return true
    }

    /// Any JSON value, or exactly `{file: PATH}`.
    func input(_ node: Node) -> ManifestDraft.Placed<Manifest.Input>? {
        if case .mapping(let pairs) = node.content, pairs.count == 1, pairs[0].key == "file", pairs[0].value.text != nil
        {
            return findings.path(pairs[0].value, "file").map {
                .init(value: .file($0), position: pairs[0].value.position)
            }
        }
        return .init(value: .json(node.json(reportingTo: findings)), position: node.position)
    }
}
