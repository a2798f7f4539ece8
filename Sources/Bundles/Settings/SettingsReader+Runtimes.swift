internal import Runs

extension SettingsReader {
    mutating func readRuntimes(_ node: Node?) -> [String: Settings.RuntimeSettings] {
        var runtimes: [String: Settings.RuntimeSettings] = [:]
        var owners: [String: String] = [:]
        for pair in node?.pairs(of: "runtimes", findings) ?? [] {
            guard let name = runtimeName(pair) else { continue }
            let fields = Fields(pair.value, of: name, known: ["command", "endings"], findings)
            note(pair.keyPosition, as: "runtimes.\(name)")
            note(fields, ["command", "endings"], in: "runtimes.\(name).")
            guard fields["command"] != nil else {
                findings.add(.badValue, "runtime '\(name)' needs a 'command'", at: pair.keyPosition)
                continue
            }
            guard let command = fields.read("command", command) else { continue }
            var runtime = Settings.RuntimeSettings(command: command)
            for element in fields.read("endings", { findings.list($0, "endings") }) ?? [] {
                guard let ending = ending(element) else { continue }
                if let owner = owners[ending] {
                    findings.add(
                        .badValue, "ending '\(ending)' belongs to runtime '\(owner)' already", at: element.position)
                    continue
                }
                owners[ending] = name
                runtime.endings.append(ending)
            }
            runtimes[name] = runtime
        }
        return runtimes
    }

    /// The rule of queue names holds for runtimes too.
    private func runtimeName(_ pair: Node.Pair) -> String? {
        guard QueueName(pair.key) != nil else {
            findings.add(
                .badName,
                "\(quoted(pair.key)) is no name of a runtime: small letters, digits, '.', '_' and '-', at most 64",
                at: pair.keyPosition)
            return nil
        }
        if BuiltInRuntime(rawValue: pair.key) != nil {
            findings.add(
                .badName, "runtime '\(pair.key)' is built in; give yours another name", at: pair.keyPosition)
            return nil
        }
        return pair.key
    }

    private func command(_ node: Node) -> [String]? {
        guard let elements = findings.list(node, "command") else { return nil }
        let command = elements.compactMap { findings.verbatim($0, "command") }
        if command.first?.isEmpty ?? true || command.contains(where: { $0.utf8.contains(0) }) {
            findings.add(.badValue, "'command' must begin with a program", at: node.position)
            return nil
        }
        return command
    }

    private func ending(_ node: Node) -> String? {
        guard let text = findings.text(node, "endings") else { return nil }
        let bytes = Array(text.utf8)
        let isEnding =
            bytes.first == 0x2E && bytes.count > 1 && bytes.count <= 32
            && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }
        guard isEnding else {
            findings.add(
                .badValue, "an ending is a '.' and letters, as '.jl'; this is \(quoted(text))", at: node.position)
            return nil
        }
        if ArchiveFormat.allCases.contains(where: { $0.endings.contains(text) }) {
            findings.add(.badValue, "ending '\(text)' is an archive's", at: node.position)
            return nil
        }
        return text
    }
}
