/// The metadata in a script's own comments, as PEP 723 has it: `dependencies`, `requires-python`, and the keys of a manifest in
/// `[tool.bobbin]`.
///
/// Source: https://packaging.python.org/en/latest/specifications/inline-script-metadata/
struct InlineMetadata {
    /// The TOML text, a line for each comment.
    let text: String
    /// The line of `# /// script`, from 1.
    let line: Int

    /// nil for a script that has none, or whose block does not end: that is an ordinary comment.
    ///
    /// - Parameter head: the file's beginning.
    static func find(in head: [UInt8], _ findings: Findings) -> InlineMetadata? {
        // Compared as bytes: most scripts have none, and each is looked through.
        let lines = head.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
        var found: InlineMetadata?
        var index = 0
        while index < lines.count {
            defer { index += 1 }
            guard lines[index].elementsEqual("# /// script".utf8) else { continue }
            let block = lines[(index + 1)...].prefix { $0.elementsEqual("#".utf8) || $0.starts(with: "# ".utf8) }
            guard let end = block.lastIndex(where: { $0.elementsEqual("# ///".utf8) }) else { continue }
            if let found {
                findings.add(
                    .badManifest, "a script has one block of inline metadata; the first is in line \(found.line)",
                    at: Position(line: index + 1, column: 1))
                return found
            }
            let content = lines[(index + 1)..<end].map { String(decoding: $0.dropFirst(2), as: UTF8.self) }
            found = InlineMetadata(text: content.joined(separator: "\n"), line: index + 1)
            index = end
        }
        return found
    }

    /// What it says as a manifest's tree, its positions those in the script; nil if it cannot be read.
    func manifest(_ findings: Findings) -> Node? {
        do throws(SyntaxFailure) {
            // Each of its lines begins behind `# `.
            let root = try TOMLReader.read(
                text, line: line + 1, column: 3, levels: Document.Bounds.manifest.levels)
            return manifest(root, findings)
        } catch {
            findings.replaceAll(with: error)
            return nil
        }
    }

    /// The keys of `[tool.bobbin]`, and what the standard's own keys stand for in a manifest.
    private func manifest(_ root: Node, _ findings: Findings) -> Node {
        var pairs: [Node.Pair] = []
        for pair in root.pairs(of: "inline metadata", findings) {
            switch pair.key {
            case "dependencies":
                pairs.append(Node.Pair(key: "requirements", keyPosition: pair.keyPosition, value: pair.value))
            case "requires-python":
                pairs.append(Node.Pair(key: "python", keyPosition: pair.keyPosition, value: pair.value))
            case "tool": pairs += own(pair.value, beside: pairs, findings)
            default:
                findings.add(
                    .unknownKey,
                    "unknown key \(quoted(pair.key)); there are 'dependencies' and 'requires-python', and a manifest's keys in [tool.bobbin]",
                    at: pair.keyPosition)
            }
        }
        return Node(content: .mapping(pairs), position: Position(line: line, column: 1))
    }

    private func own(_ tool: Node, beside said: [Node.Pair], _ findings: Findings) -> [Node.Pair] {
        guard case .mapping(let tools) = tool.content, let bobbin = tools.first(where: { $0.key == "bobbin" }) else {
            return []
        }
        guard case .mapping(let own) = bobbin.value.content else {
            findings.add(.wrongType, "'tool.bobbin' must be a table", at: bobbin.keyPosition)
            return []
        }
        return own.filter { pair in
            let isSaid = ["requirements", "python"].contains(pair.key) && said.contains { $0.key == pair.key }
            if isSaid {
                findings.add(
                    .repeatedKey, "'\(pair.key)' is said by the script's own metadata already", at: pair.keyPosition)
            }
            return !isSaid
        }
    }
}
