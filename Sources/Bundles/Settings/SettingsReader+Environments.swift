internal import Runs

/// `environments`: where packages come from, and what building with them may cost.
extension SettingsReader {
    static let environmentKeys = [
        "enabled", "index", "extra_indexes", "find_links", "offline", "build_from_source", "builder", "max_size",
        "timeout", "retry_failed_after", "pythons",
    ]
    private static let longestBuild = Ceiling(value: 24 * 3_600_000)

    mutating func readEnvironments(_ node: Node?, into environments: inout Settings.Environments) {
        let fields = Fields(node, of: "environments", known: Self.environmentKeys, findings)
        note(fields, Self.environmentKeys, in: "environments.")
        func flag(_ key: String, _ field: WritableKeyPath<Settings.Environments, Bool>) {
            if let value = fields.read(key, { findings.boolean($0, key) }) { environments[keyPath: field] = value }
        }
        flag("enabled", \.enabled)
        flag("offline", \.offline)
        flag("build_from_source", \.buildFromSource)
        if let text = fields.read("index", { findings.text($0, "index") }), let place = fields["index"]?.position {
            if text == "none" {
                environments.index = .none
            } else if isURL(text, "index", at: place) {
                environments.index = .url(text)
            }
        }
        environments.extraIndexes = list(fields, "extra_indexes") { isURL($0, "extra_indexes", at: $1) }
        environments.findLinks = list(fields, "find_links") { text, position in
            text.hasPrefix("/") ? isPath(text, "find_links", at: position) : isURL(text, "find_links", at: position)
        }
        if fields["pythons"] != nil {
            environments.pythons = list(fields, "pythons") { text, position in
                guard isPath(text, "pythons", at: position) else { return false }
                if text.hasPrefix("/usr/") { return true }
                findings.add(
                    .badValue,
                    "a Python must be below /usr, which is all of the host that a sandbox sees; this is \(quoted(text))",
                    at: position)
                return false
            }
        }
        if let word = fields.read("builder", { findings.word($0, "builder", as: Settings.Environments.Builder.self) }) {
            environments.builder = word
        }
        if let size = fields.read("max_size", { findings.size($0, "max_size", Self.largestSize) }) {
            environments.maxSize = size
        }
        if let time = fields.read("timeout", { findings.duration($0, "timeout", Self.longestBuild) }) {
            environments.timeout = time
        }
        if let time = fields.read(
            "retry_failed_after", { findings.duration($0, "retry_failed_after", Self.longestBuild) })
        {
            environments.retryFailedAfter = time
        }
    }

    private func list(_ fields: Fields, _ key: String, _ isRight: (String, Position) -> Bool) -> [String] {
        (fields.read(key) { findings.list($0, key) } ?? []).compactMap { element in
            findings.text(element, key).flatMap { isRight($0, element.position) ? $0 : nil }
        }
    }

    private func isURL(_ text: String, _ key: String, at position: Position) -> Bool {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C && $0 != 0x2C }
        let hasScheme = text.hasPrefix("https://") || text.hasPrefix("http://")
        if isPlain, hasScheme, text.utf8.count <= 2000 { return true }
        let wanted = key == "find_links" ? "an absolute path or a URL" : "a URL"
        findings.add(
            .badValue, "'\(key)' must be \(wanted) as https://HOST/simple; this is \(quoted(IndexURL.shown(text)))",
            at: position)
        return false
    }

    private func isPath(_ text: String, _ key: String, at position: Position) -> Bool {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C && $0 != 0x2C }
        if isPlain, text.hasPrefix("/"), text.utf8.count <= 1000, !text.split(separator: "/").contains("..") {
            return true
        }
        findings.add(
            .badValue, "'\(key)' must be an absolute path without blanks and '..'; this is \(quoted(text))",
            at: position)
        return false
    }
}
