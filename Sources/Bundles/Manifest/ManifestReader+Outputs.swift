internal import Runs

extension ManifestReader {
    /// Bytes of all patterns with wildcards together: each is walked for every file a script leaves.
    private static let patternBytes = 4096

    func outputs(_ node: Node) -> [Manifest.Output]? {
        guard let elements = findings.list(node, "outputs") else { return nil }
        var room = Self.patternBytes
        return elements.compactMap { element in
            guard let output = output(element) else { return nil }
            if OutputPattern(output.path).hasWildcard {
                let wasEnough = room >= 0
                room -= output.path.utf8.count
                if room < 0 && wasEnough {
                    findings.add(
                        .tooLarge, "patterns with wildcards are over \(Self.patternBytes) bytes together",
                        at: element.position)
                }
            }
            return output
        }
    }

    private func output(_ node: Node) -> Manifest.Output? {
        if case .mapping = node.content {
            let fields = Fields(node, of: "outputs", known: ["path", "required"], findings)
            let required = fields.read("required") { findings.boolean($0, "required") } ?? false
            guard fields["path"] != nil else {
                findings.add(.badValue, "an output needs a 'path'", at: node.position)
                return nil
            }
            return fields.read("path") { findings.path($0, "path") }.map { .init(path: $0, required: required) }
        }
        return findings.path(node, "outputs").map { .init(path: $0, required: false) }
    }
}
