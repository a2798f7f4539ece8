internal import Runs

extension ManifestReader {
    /// Bytes of a checkpoint's key, and of the names of modules and variables.
    private static let longestName = 256

    func ways(_ fields: Fields) -> Ways {
        var ways = Ways()
        ways.call = fields.read("call") { placed($0, findings.word($0, "call", as: Manifest.Call.self)) }
        ways.mode = fields.read("mode") { placed($0, findings.word($0, "mode", as: Manifest.Mode.self)) }
        ways.onRowError = fields.read("on_row_error") {
            placed($0, findings.word($0, "on_row_error", as: Manifest.RowErrorRule.self))
        }
        ways.result = fields.read("result") { placed($0, result($0)) }
        ways.checkpoint = fields.read("checkpoint") { placed($0, checkpoint($0)) }
        ways.imports = fields.read("imports") { placed($0, findings.imports($0)) }
        ways.logLevel = fields.read("log_level") { findings.word($0, "log_level", as: Manifest.LogLevel.self) }
        ways.failsOnErrorLog = fields.read("fail_on_error_log") { findings.boolean($0, "fail_on_error_log") }
        return ways
    }

    private func placed<Value>(_ node: Node, _ value: Value?) -> ManifestDraft.Placed<Value>? {
        value.map { ManifestDraft.Placed(value: $0, position: node.position) }
    }

    private func result(_ node: Node) -> Manifest.ResultRule? {
        let fields = Fields(node, of: "result", known: ["variable", "file", "format"], findings)
        let format = fields.read("format") { findings.word($0, "format", as: Manifest.ResultFormat.self) }
        let variable = fields.read("variable") { name($0, "variable") }
        guard fields["file"] != nil else { return .value(variable: variable, format: format ?? .json) }
        for key in ["variable", "format"] {
            guard let position = fields.positions[key] else { continue }
            findings.add(.badValue, "a result is a 'file' as it is, or has a '\(key)': not both", at: position)
        }
        return fields.read("file") { findings.path($0, "file") }.map { .file($0) }
    }

    private func checkpoint(_ node: Node) -> Manifest.CheckpointRule? {
        let fields = Fields(node, of: "checkpoint", known: ["column", "key"], findings)
        return Manifest.CheckpointRule(
            column: fields.read("column") { name($0, "column") }, key: fields.read("key") { name($0, "key") })
    }

    private func name(_ node: Node, _ key: String) -> String? {
        guard let text = findings.text(node, key) else { return nil }
        if text.utf8.count <= Self.longestName, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        {
            return text
        }
        findings.add(.badValue, "'\(key)' must be one line of at most \(Self.longestName) bytes", at: node.position)
        return nil
    }
}

extension Findings {
    /// `{allow: [json, os.path]}`.
    func imports(_ node: Node) -> [String]? {
        let fields = Fields(node, of: "imports", known: ["allow"], self)
        guard fields["allow"] != nil else {
            add(.badValue, "'imports' needs 'allow', a list of modules", at: node.position)
            return nil
        }
        return fields.read("allow") { modules($0, "allow") }
    }

    /// Names of Python modules, as `os.path`.
    private func modules(_ node: Node, _ key: String) -> [String]? {
        list(node, key)?.compactMap { element in
            guard let text = text(element, key) else { return nil }
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isName = parts.allSatisfy { part in
                !part.isEmpty && part.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
            }
            if isName, text.utf8.count <= 256 { return text }
            add(.badName, "\(quoted(text)) is no name of a module, as os.path", at: element.position)
            return nil
        }
    }
}
