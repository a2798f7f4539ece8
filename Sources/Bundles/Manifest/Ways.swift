internal import Runs

/// What a manifest says of how its script is called, and of what comes back from it.
struct Ways {
    var call: ManifestDraft.Placed<Manifest.Call>?
    var mode: ManifestDraft.Placed<Manifest.Mode>?
    var onRowError: ManifestDraft.Placed<Manifest.RowErrorRule>?
    var result: ManifestDraft.Placed<Manifest.ResultRule>?
    var checkpoint: ManifestDraft.Placed<Manifest.CheckpointRule>?
    var imports: ManifestDraft.Placed<[String]>?
    var logLevel: Manifest.LogLevel?
    var failsOnErrorLog: Bool?

    func apply(to manifest: inout Manifest) {
        if let call { manifest.call = call.value }
        if let mode { manifest.mode = mode.value }
        if let onRowError { manifest.onRowError = onRowError.value }
        if let result { manifest.result = result.value }
        if let logLevel { manifest.logLevel = logLevel }
        if let failsOnErrorLog { manifest.failsOnErrorLog = failsOnErrorLog }
        manifest.checkpoint = checkpoint?.value
        manifest.imports = imports?.value
    }

    /// Reports what does not go together, once it is known what runs the script.
    ///
    /// - Parameters:
    ///   - allowed: the modules that the queue admits; nil: every one. Without `imports` in the manifest they become its own.
    func check(runtime: String, input: ManifestDraft.Placed<Manifest.Input>?, _ findings: Findings) {
        let harnessed = runtime == "python" || runtime == "r" || runtime == "node"
        let called = call?.value ?? .script
        if let call {
            if called == .main, !harnessed {
                findings.add(
                    .badValue, "'call: main' works with python, r and node; this is \(quoted(runtime))",
                    at: call.position)
            }
            if called == .statement, runtime != "python" {
                findings.add(
                    .badValue, "'call: statement' works with python alone; this is \(quoted(runtime))",
                    at: call.position)
            }
        }
        if called == .script {
            for (key, position) in [("mode", mode?.position), ("on_row_error", onRowError?.position)] {
                guard let position else { continue }
                findings.add(.badValue, "'\(key)' is for 'call: main' and 'call: statement'", at: position)
            }
        } else {
            if let onRowError, mode?.value != .rows {
                findings.add(.badValue, "'on_row_error' is for 'mode: rows'", at: onRowError.position)
            }
            if case .file(let path) = input?.value, let position = input?.position, InputKind(ofFile: path) == nil {
                findings.add(
                    .badValue,
                    "the input of 'call: \(called.rawValue)' is .json, .csv or .jsonl; \(quoted(path)) is none of these",
                    at: position)
            }
        }
        checkResult(called, runtime, findings)
        if let imports, runtime != "python" {
            findings.add(
                .badValue, "'imports' works with python alone; this is \(quoted(runtime))", at: imports.position)
        }
    }

    private func checkResult(_ called: Manifest.Call, _ runtime: String, _ findings: Findings) {
        var isVariable = false
        if let result {
            switch result.value {
            case .value(variable: _?, _):
                isVariable = true
                if called != .script {
                    findings.add(
                        .badValue,
                        "'result: variable' is for 'call: script'; what '\(called.rawValue)' returns is the result",
                        at: result.position)
                }
                if runtime != "python", runtime != "r" {
                    findings.add(
                        .badValue, "'result: variable' works with python and r; this is \(quoted(runtime))",
                        at: result.position)
                }
            case .value(nil, _): break
            case .file:
                if called != .script {
                    findings.add(
                        .badValue,
                        "'result: file' is for 'call: script'; what '\(called.rawValue)' returns is the result",
                        at: result.position)
                }
            }
        }
        if let checkpoint, checkpoint.value.column != nil, called == .script, !isVariable {
            findings.add(
                .badValue, "'checkpoint: column' looks at what 'main' or 'statement' returns, or at 'result: variable'",
                at: checkpoint.position)
        }
    }
}
