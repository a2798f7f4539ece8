public import Runs

extension Manifest {
    /// manifest.json: the manifest as it is applied, every default filled in; the same reader reads it to an equal value.
    ///
    /// One attempt is `"retry": {"attempts": 1}`; without `outputs` everything that was written comes back.
    ///
    /// - Parameter pretty: two spaces of indentation, as in manifest.json; else one line, as the records hold it.
    public func json(pretty: Bool = true) -> String {
        var object = JSONWriter(pretty: pretty)
        object.add("title", title)
        if let description { object.add("description", description) }
        object.addObject("labels") { for label in labels { $0.add(label.key, label.value) } }
        if let account { object.add("account", account) }
        object.add("runtime", runtime)
        object.add("entry", entry)
        object.addArray("args") { for argument in args { $0.addElement(argument) } }
        object.addObject("env") { for variable in env { $0.add(variable.key, variable.value) } }
        switch input {
        case .json(let text): object.add("input", json: text)
        case .file(let path): object.addObject("input") { $0.add("file", path) }
        case nil: break
        }
        for (key, schema) in [("input_schema", inputSchema), ("output_schema", outputSchema)] {
            switch schema {
            case .json(let text): object.add(key, json: text)
            case .file(let path): object.addObject(key) { $0.add("file", path) }
            case nil: break
            }
        }
        writeWays(to: &object)
        object.add("timeout", json: DurationText.decimal(timeout))
        object.add("stop_grace", json: DurationText.decimal(stopGrace))
        object.addObject("limits") { object in
            for key in LimitKey.allCases {
                let value = limits[keyPath: key.field]
                object.add(key.rawValue, json: key.unit == .thousandths ? DurationText.decimal(value) : String(value))
            }
        }
        object.add("network", network.rawValue)
        object.add("priority", Int64(priority))
        object.addObject("retry") { object in
            object.add("attempts", Int64(retry?.attempts ?? 1))
            guard let retry else { return }
            object.add("wait", json: DurationText.decimal(retry.wait))
            object.add("factor", json: DurationText.decimal(retry.factorThousandths))
            object.add("max_wait", json: DurationText.decimal(retry.maxWait))
            object.addArray("on") { for state in retry.on { $0.addElement(state.rawValue) } }
        }
        if let outputs {
            object.addArray("outputs") { array in
                for output in outputs {
                    array.addObject(nil) {
                        $0.add("path", output.path)
                        $0.add("required", output.required)
                    }
                }
            }
        }
        if let python { object.add("python", python) }
        // Said even if there are none: they are what was applied, whatever else the bundle holds.
        if runtime == BuiltInRuntime.python.rawValue {
            object.addArray("requirements") { for requirement in requirements { $0.addElement(requirement) } }
        }
        if let wheels { object.add("wheels", wheels) }
        if !packages.isEmpty { object.addArray("packages") { for package in packages { $0.addElement(package) } } }
        return object.finished()
    }

    /// Reads what `json()` wrote. No queue limits it any more; its size may be beyond a manifest's, its depth one level.
    public static func reading(applied bytes: [UInt8], file: String = "manifest.json") -> Result<Manifest, InvalidFile>
    {
        let findings = Findings(file: file)
        let root = Document.read(bytes, .json, .applied, findings)
        let draft = ManifestReader(findings: findings, queue: nil, runtimes: []).read(root)
        if findings.isEmpty, let root {
            if draft.entry == nil { findings.add(.badValue, "'entry' is missing", at: root.position) }
            if draft.runtime == nil { findings.add(.badValue, "'runtime' is missing", at: root.position) }
            if draft.title == nil { findings.add(.badValue, "'title' is missing", at: root.position) }
            if draft.timeout == nil { findings.add(.badValue, "'timeout' is missing", at: root.position) }
        }
        guard findings.isEmpty, let title = draft.title, let entry = draft.entry, let runtime = draft.runtime else {
            return .failure(InvalidFile(errors: findings.errors))
        }
        return .success(
            draft.manifest(name: title, entry: entry.value, runtime: runtime.value, queue: QueueSettings()))
    }
}
