internal import Linux
internal import Runs
internal import TOMLKit

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
        let lines = head.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        }
        var found: InlineMetadata?
        var index = 0
        while index < lines.count {
            defer { index += 1 }
            guard lines[index] == "# /// script" else { continue }
            let block = lines[(index + 1)...].prefix { $0 == "#" || $0.hasPrefix("# ") }
            guard let end = block.lastIndex(of: "# ///") else { continue }
            if let found {
                findings.add(
                    .badManifest, "a script has one block of inline metadata; the first is in line \(found.line)",
                    at: Position(line: index + 1, column: 1))
                return found
            }
            let content = lines[(index + 1)..<end].map { $0.dropFirst($0.hasPrefix("# ") ? 2 : 1) }
            found = InlineMetadata(text: content.joined(separator: "\n"), line: index + 1)
            index = end
        }
        return found
    }

    /// What it says as a manifest's tree, its positions those in the script; nil if it cannot be read.
    func manifest(_ findings: Findings) -> Node? {
        let limit = Document.Bounds.manifest
        if text.utf8.count > limit.size {
            findings.add(
                .tooLarge, "inline metadata of at most \(SizeText.text(Int64(limit.size))) is read", at: position)
            return nil
        }
        let root: TOMLTable
        do {
            root = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            findings.replaceAll(
                with: SyntaxFailure(
                    .syntax, "inline metadata: \(Self.oneLine(error.description))",
                    Position(line: line + Int(place.line), column: Int(place.column) + 2)))
            return nil
        } catch {
            findings.replaceAll(with: SyntaxFailure(.syntax, "inline metadata: \(Self.oneLine("\(error)"))", position))
            return nil
        }
        var tree = TOMLTree(lines: TOMLLines(text, after: line), levels: limit.levels, findings: findings)
        return tree.manifest(root, at: position)
    }

    private var position: Position { Position(line: line, column: 1) }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).first.map { escaped($0.prefix(300).utf8) } ?? "?"
    }
}

/// In which line each key of a TOML text is said: the library does not tell.
struct TOMLLines {
    /// By the names that lead to it.
    private var found: [[String]: Int] = [:]

    /// - Parameter offset: lines of the file before the text's first.
    init(_ text: String, after offset: Int) {
        var table: [String] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            let number = offset + index + 1
            if trimmed.first == "[" {
                table = Self.names(trimmed.drop { $0 == "[" }, until: "]")
                note(table, number)
            } else if trimmed.first != "#", trimmed.contains("=") {
                note(table + Self.names(trimmed, until: "="), number)
            }
        }
    }

    private mutating func note(_ path: [String], _ line: Int) {
        for count in 1...max(1, path.count) {
            let part = Array(path.prefix(count))
            if found[part] == nil { found[part] = line }
        }
    }

    /// `a."b.c" ` as its names.
    private static func names(_ text: Substring, until end: Character) -> [String] {
        var names: [String] = [""]
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { names[names.count - 1].append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == end {
                break
            } else if character == "." {
                names.append("")
            } else if character != " ", character != "\t" {
                names[names.count - 1].append(character)
            }
        }
        return names
    }

    /// The line of a key, or of the nearest one around it.
    func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = found[path] { return line }
            path.removeLast()
        }
        return nil
    }
}

/// Makes a positioned tree of a TOML table.
struct TOMLTree {
    let lines: TOMLLines
    let levels: Int
    let findings: Findings

    /// The keys of `[tool.bobbin]`, and what the standard's own keys stand for in a manifest.
    mutating func manifest(_ root: TOMLTable, at position: Position) -> Node {
        var pairs: [Node.Pair] = []
        for key in root.keys.sorted(by: isBefore([])) {
            let place = self.position([key], position)
            switch key {
            case "dependencies": pairs.append(pair("requirements", root[key], [key], place))
            case "requires-python": pairs.append(pair("python", root[key], [key], place))
            case "tool":
                guard let own = root[key]?.table?["bobbin"] else { continue }
                guard let table = own.table else {
                    findings.add(
                        .wrongType, "'tool.bobbin' must be a table", at: self.position(["tool", "bobbin"], place))
                    continue
                }
                for key in table.keys.sorted(by: isBefore(["tool", "bobbin"])) {
                    let path = ["tool", "bobbin", key]
                    if ["requirements", "python"].contains(key), pairs.contains(where: { $0.key == key }) {
                        findings.add(
                            .repeatedKey, "'\(key)' is said by the script's own metadata already",
                            at: self.position(path, place))
                        continue
                    }
                    pairs.append(pair(key, table[key], path, self.position(path, place)))
                }
            default:
                findings.add(
                    .unknownKey,
                    "unknown key \(quoted(key)); there are 'dependencies' and 'requires-python', and a manifest's keys in [tool.bobbin]",
                    at: place)
            }
        }
        return Node(content: .mapping(pairs), position: position)
    }

    private func position(_ path: [String], _ around: Position) -> Position {
        Position(line: lines.line(of: path) ?? around.line, column: 1)
    }

    /// The order of the text, which the library does not keep.
    private func isBefore(_ path: [String]) -> (String, String) -> Bool {
        { [lines] left, right in
            (lines.line(of: path + [left]) ?? 0, left) < (lines.line(of: path + [right]) ?? 0, right)
        }
    }

    private func pair(
        _ key: String, _ value: (any TOMLValueConvertible)?, _ path: [String], _ position: Position
    ) -> Node.Pair {
        Node.Pair(key: key, keyPosition: position, value: node(value, path, position))
    }

    private func node(_ value: (any TOMLValueConvertible)?, _ path: [String], _ position: Position) -> Node {
        if path.count > levels {
            findings.add(.tooDeep, "is nested more than \(levels) levels deep", at: position)
            return Node(content: .unreadable, position: position)
        }
        func scalar(_ text: String, isPlain: Bool) -> Node {
            Node(content: .scalar(Node.Scalar(text: text, isPlain: isPlain)), position: position)
        }
        if let table = value?.table {
            let pairs = table.keys.sorted(by: isBefore(path)).map { key in
                pair(key, table[key], path + [key], self.position(path + [key], position))
            }
            return Node(content: .mapping(pairs), position: position)
        }
        if let array = value?.array {
            return Node(content: .sequence(array.map { node($0, path + ["-"], position) }), position: position)
        }
        if let text = value?.string { return scalar(text, isPlain: false) }
        if let truth = value?.bool { return scalar(truth ? "true" : "false", isPlain: true) }
        if let number = value?.int { return scalar(String(number), isPlain: true) }
        if let number = value?.double { return scalar(Self.text(number), isPlain: true) }
        if let date = value?.dateTime { return scalar("\(date)", isPlain: false) }
        if let date = value?.date { return scalar("\(date)", isPlain: false) }
        if let time = value?.time { return scalar("\(time)", isPlain: false) }
        return Node(content: .unreadable, position: position)
    }

    /// As the core schema writes it.
    private static func text(_ number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        return "\(number)"
    }
}
