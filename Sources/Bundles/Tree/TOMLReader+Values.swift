extension TOMLReader {
    mutating func value(depth: Int) throws(SyntaxFailure) -> Node {
        let start = position
        if depth > levels { throw SyntaxFailure(.tooDeep, "is nested more than \(levels) levels deep", start) }
        switch next {
        case nil: throw failure("a value is wanted here")
        case "\"":
            let isLong = ahead(1) == "\"" && ahead(2) == "\""
            return Self.text(try isLong ? longString("\"") : basicString(), start)
        case "'":
            let isLong = ahead(1) == "'" && ahead(2) == "'"
            return Self.text(try isLong ? longString("'") : literalString(), start)
        case "[": return try array(depth: depth)
        case "{": return try inlineTable(depth: depth)
        default: return try plain(start)
        }
    }

    private static func text(_ text: String, _ position: Position, isPlain: Bool = false) -> Node {
        Node(content: .scalar(Node.Scalar(text: text, isPlain: isPlain)), position: position)
    }

    private mutating func array(depth: Int) throws(SyntaxFailure) -> Node {
        let start = position
        advance()
        var elements: [Node] = []
        while true {
            skipSpace()
            if take("]") { break }
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take(",") { continue }
            if take("]") { break }
            throw failure("',' or ']' is wanted in a list")
        }
        return Node(content: .sequence(elements), position: start)
    }

    private mutating func inlineTable(depth: Int) throws(SyntaxFailure) -> Node {
        let table = TOMLTable(position)
        advance()
        skipBlanks()
        if take("}") { return table.node }
        while true {
            try pair(into: table, depth: depth + 1)
            skipBlanks()
            if take("}") { return table.node }
            guard take(",") else { throw failure("',' or '}' is wanted in a table") }
        }
    }

    /// A number, a truth value, or a date, which is a text.
    private mutating func plain(_ start: Position) throws(SyntaxFailure) -> Node {
        var word = ""
        while let scalar = next, Self.isBare(scalar) || scalar == "+" || scalar == "." || scalar == ":" {
            word.unicodeScalars.append(scalar)
            advance()
            // A date and a time may have a blank between them.
            if next == " ", word.utf8.count == 10, Self.isDate(word), let digit = ahead(1), ("0"..."9").contains(digit)
            {
                word += "T"
                advance()
            }
        }
        switch word {
        case "true", "false": return Self.text(word, start, isPlain: true)
        case "inf", "+inf": return Self.text(".inf", start, isPlain: true)
        case "-inf": return Self.text("-.inf", start, isPlain: true)
        case "nan", "+nan", "-nan": return Self.text(".nan", start, isPlain: true)
        default: break
        }
        if Self.isDate(word) || Self.isTime(word) { return Self.text(word, start) }
        if let number = Self.number(word) { return Self.text(number, start, isPlain: true) }
        throw failure(
            word.isEmpty ? "a value is wanted here" : "\(quoted(word)) is no value; put a text in quotes", at: start)
    }

    private static func isDate(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        return bytes.count >= 10 && bytes[4] == 0x2D && bytes[7] == 0x2D
            && [0, 1, 2, 3, 5, 6, 8, 9].allSatisfy { (0x30...0x39).contains(bytes[$0]) }
    }

    private static func isTime(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        return bytes.count >= 8 && bytes[2] == 0x3A && bytes[5] == 0x3A
            && [0, 1, 3, 4, 6, 7].allSatisfy { (0x30...0x39).contains(bytes[$0]) }
    }

    /// As the core schema writes it; nil if it is none.
    private static func number(_ word: String) -> String? {
        let digits = word.utf8.filter { $0 != 0x5F }
        guard digits.count == word.utf8.count || isSeparated(word) else { return nil }
        let text = String(decoding: digits, as: UTF8.self)
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            return Int64(text.dropFirst(2), radix: radix).map { String($0) }
        }
        let unsigned = text.first == "+" || text.first == "-" ? text.dropFirst() : text[...]
        guard isDecimal(unsigned) else { return nil }
        let scalar = Node.Scalar(text: text.first == "+" ? String(unsigned) : text, isPlain: true)
        switch scalar.value {
        case .integer, .number: return scalar.text
        default: return nil
        }
    }

    /// Whether it begins with no zero that says nothing, and has digits on both sides of its point.
    private static func isDecimal(_ text: Substring) -> Bool {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let rest = text.dropFirst(digits.count)
        if digits.isEmpty || digits.count > 1 && digits.first == "0" { return false }
        guard rest.first == "." else { return true }
        return rest.dropFirst().first.map { $0.isASCII && $0.isNumber } ?? false
    }

    /// Whether each `_` stands between two digits.
    private static func isSeparated(_ word: String) -> Bool {
        let parts = word.split(separator: "_", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            guard let first = part.unicodeScalars.first, let last = part.unicodeScalars.last else { return false }
            return (first.properties.isASCIIHexDigit || first == "+" || first == "-") && last.properties.isASCIIHexDigit
        }
    }
}
