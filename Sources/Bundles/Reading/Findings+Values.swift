/// What a value may be at most, and where that is said.
struct Ceiling {
    let value: Int64
    /// As ` in queue 'default'`; empty where it holds everywhere.
    var place = ""
    /// Whether `never` can be said, which zero may have been meant for.
    var hasNever = false

    fileprivate var wayOut: String { hasNever ? "; say 'never' if it is never to be swept for that" : "" }
}

/// Each reads one value; what is wrong with it is reported, and the answer is nil.
extension Findings {
    /// A text; a number or truth value must be put in quotes to be one.
    func text(_ node: Node, _ key: String, isEmptyAllowed: Bool = false) -> String? {
        guard let text = node.text else {
            let hint = node.needsQuotes ? "; put it in quotes" : ""
            wrongType(node, key, "a text", hint)
            return nil
        }
        if text.isEmpty && !isEmptyAllowed {
            add(.badValue, "'\(key)' is empty; leave it out for the default", at: node.position)
            return nil
        }
        return text
    }

    /// A text as it was written, whatever it looks like.
    func verbatim(_ node: Node, _ key: String) -> String? {
        switch node.content {
        case .scalar(let scalar): return scalar.text
        case .unreadable: return nil
        default:
            wrongType(node, key, "a text")
            return nil
        }
    }

    func list(_ node: Node, _ key: String) -> [Node]? {
        if let elements = node.elements { return elements }
        if node.content != .unreadable { wrongType(node, key, "a list") }
        return nil
    }

    func boolean(_ node: Node, _ key: String) -> Bool? {
        if let value = node.boolean { return value }
        wrongType(node, key, "true or false")
        return nil
    }

    /// A whole number from 1 to a ceiling.
    func count(_ node: Node, _ key: String, _ ceiling: Ceiling) -> Int64? {
        guard case .scalar(let scalar) = node.content else {
            wrongType(node, key, "a whole number")
            return nil
        }
        let value: Int64
        switch scalar.value {
        case .integer(let integer): value = integer
        case .number where scalar.text.utf8.allSatisfy { (0x30...0x39).contains($0) }: value = .max
        default:
            let hint = scalar.isPlain || Int64(scalar.text) == nil ? "" : "; leave the quotes out"
            wrongType(node, key, "a whole number", hint)
            return nil
        }
        if value <= 0 {
            add(
                .badValue, "'\(key)' must be more than zero; this is \(node.kind)\(ceiling.wayOut)", at: node.position)
            return nil
        }
        if value > ceiling.value {
            overMaximum(node, key, String(ceiling.value), ceiling)
            return nil
        }
        return value
    }

    /// Milliseconds.
    func duration(_ node: Node, _ key: String, _ ceiling: Ceiling) -> Int64? {
        quantity(node, key, .duration, "a duration as 90s, 15m or 1h30m", ceiling, finest: "1ms", DurationText.text)
    }

    /// Bytes.
    func size(_ node: Node, _ key: String, _ ceiling: Ceiling) -> Int64? {
        quantity(node, key, .size, "a size as 512KiB, 64MiB or 1GB", ceiling, finest: "1 byte", SizeText.text)
    }

    /// Thousandths.
    func thousandths(_ node: Node, _ key: String, _ ceiling: Ceiling) -> Int64? {
        quantity(node, key, .thousandths, "a number as 2 or 1.5", ceiling, finest: "0.001", DurationText.decimal)
    }

    private func quantity(
        _ node: Node, _ key: String, _ grammar: QuantityText, _ wanted: String, _ ceiling: Ceiling, finest: String,
        _ show: (Int64) -> String
    ) -> Int64? {
        guard case .scalar(let scalar) = node.content else {
            wrongType(node, key, wanted)
            return nil
        }
        do throws(QuantityFault) {
            let value = try grammar.parse(scalar.text)
            if value <= ceiling.value { return value }
            overMaximum(node, key, show(ceiling.value), ceiling)
        } catch {
            let found = node.kind
            switch error {
            case .malformed: wrongType(node, key, wanted)
            case .notPositive:
                add(.badValue, "'\(key)' must be more than zero; this is \(found)\(ceiling.wayOut)", at: node.position)
            case .tooLarge: overMaximum(node, key, show(ceiling.value), ceiling)
            case .tooFine:
                add(.badValue, "'\(key)' must be a multiple of \(finest); this is \(found)", at: node.position)
            }
        }
        return nil
    }

    /// One of several words.
    func word<Word: RawRepresentable<String> & CaseIterable>(_ node: Node, _ key: String, as: Word.Type) -> Word? {
        guard let text = text(node, key) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        badWord(text, key, among: words, at: node.position)
        return nil
    }

    func badWord(_ text: String, _ key: String, among words: [String], at position: Position) {
        let suggestion = Suggestion.text(for: text, among: words)
        let list = words.joined(separator: ", ")
        add(.badValue, "'\(key)' must be one of \(list); this is \(quoted(text))\(suggestion)", at: position)
    }

    private func overMaximum(_ node: Node, _ key: String, _ maximum: String, _ ceiling: Ceiling) {
        add(
            .overMaximum, "'\(key)' is \(node.shown); at most \(maximum) is allowed\(ceiling.place)", at: node.position)
    }

    func wrongType(_ node: Node, _ key: String, _ wanted: String, _ hint: String = "") {
        if node.content == .unreadable { return }
        let found = node.isNull ? "it has no value; leave it out for the default" : "this is \(node.shown)"
        add(.wrongType, "'\(key)' must be \(wanted); \(found)\(hint)", at: node.position)
    }
}

extension Node {
    /// A value as messages show it: a text in quotes, a number or word as it was written.
    fileprivate var shown: String {
        guard case .scalar(let scalar) = content, scalar.text.utf8.count <= 80 else { return kind }
        return scalar.isPlain && scalar.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? scalar.text : kind
    }

    fileprivate var needsQuotes: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.value != .text && scalar.value != .null
    }
}
