internal import Runs

extension ManifestReader {
    /// A schema, which is a mapping, true or false; or exactly `{file: PATH}`.
    func schema(_ node: Node, _ key: String) -> ManifestDraft.Placed<Manifest.Schema>? {
        if case .mapping(let pairs) = node.content {
            if pairs.count == 1, pairs[0].key == "file", pairs[0].value.text != nil {
                return findings.path(pairs[0].value, "file").map {
                    .init(value: .file($0), position: pairs[0].value.position)
                }
            }
        } else if node.boolean == nil {
            findings.wrongType(node, key, "a schema of JSON Schema's draft-07, or {file: PATH}")
            return nil
        }
        return .init(value: .json(node.json(reportingTo: findings)), position: node.position)
    }
}

extension ManifestDraft {
    /// Reports schemas of what is no JSON.
    func checkSchemas(_ findings: Findings) {
        if let inputSchema, case .file(let path)? = input?.value, let kind = InputKind(ofFile: path), kind != .json {
            findings.add(
                .badValue, "'input_schema' is for an input of JSON; \(quoted(path)) is \(kind.rawValue)",
                at: inputSchema.position)
        }
        guard let outputSchema else { return }
        switch ways.result?.value {
        case .value(_, format: .csv):
            findings.add(
                .badValue, "'output_schema' is for a result of JSON; 'format' is csv", at: outputSchema.position)
        case .file(let path) where InputKind(ofFile: path) != .json:
            findings.add(
                .badValue, "'output_schema' is for a result of JSON; \(quoted(path)) is no .json",
                at: outputSchema.position)
        case .value, .file, nil: break
        }
    }
}
