/// Reads TOML as https://toml.io/en/v1.0.0 has it into a positioned tree; dates and times become texts.
///
/// Not by a library: the one at hand ends the program on some texts and frees nothing of what it has read, and what is read here is a
/// stranger's, in the daemon.
struct TOMLReader {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line: Int
    private var column = 1
    private let firstColumn: Int
    private let levels: Int

    /// - Parameters:
    ///   - line: of the file, at which the text begins; each of its lines begins at `column` there.
    static func read(_ text: String, line: Int, column: Int, levels: Int) throws(SyntaxFailure) -> Node {
        var reader = TOMLReader(scalars: Array(text.unicodeScalars), line: line, column: column, levels: levels)
        let root = Table(Position(line: line, column: column))
        try reader.document(root)
        return root.node
    }

    private init(scalars: [Unicode.Scalar], line: Int, column: Int, levels: Int) {
        self.scalars = scalars
        self.line = line
        self.column = column
        firstColumn = column
        self.levels = levels
    }

    /// A table while it is read.
    private final class Table {
        enum Value {
            case node(Node)
            case table(Table)
            case tables([Table])
        }

        let position: Position
        /// Whether its keys have been said in one place, so that no other may say them again.
        var isClosed = false
        private var entries: [(key: String, position: Position, value: Value)] = []
        private var places: [String: Int] = [:]

        init(_ position: Position) { self.position = position }

        subscript(key: String) -> Value? { places[key].map { entries[$0].value } }

        func add(_ key: String, _ position: Position, _ value: Value) {
            places[key] = entries.count
            entries.append((key, position, value))
        }

        func append(_ table: Table, to key: String) {
            guard let place = places[key], case .tables(let tables) = entries[place].value else { return }
            entries[place].value = .tables(tables + [table])
        }

        var node: Node {
            let pairs = entries.map { entry in
                let value: Node =
                    switch entry.value {
                    case .node(let node): node
                    case .table(let table): table.node
                    case .tables(let tables):
                        Node(content: .sequence(tables.map(\.node)), position: entry.position)
                    }
                return Node.Pair(key: entry.key, keyPosition: entry.position, value: value)
            }
            return Node(content: .mapping(pairs), position: position)
        }
    }

    // MARK: Characters

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func ahead(_ count: Int) -> Unicode.Scalar? {
        index + count < scalars.count ? scalars[index + count] : nil
    }

    private var position: Position { Position(line: line, column: column) }

    private mutating func advance() {
        guard index < scalars.count else { return }
        if scalars[index] == "\n" {
            line += 1
            column = firstColumn
        } else {
            column += 1
        }
        index += 1
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        advance()
        return true
    }

    private func failure(_ message: String, at position: Position? = nil) -> SyntaxFailure {
        SyntaxFailure(.syntax, "inline metadata: \(message)", position ?? self.position)
    }

    private mutating func skipBlanks() { while next == " " || next == "\t" { advance() } }

    private mutating func skipComment() {
        if next == "#" { while let scalar = next, scalar != "\n" { _ = scalar; advance() } }
    }

    /// Blanks, comments and ends of lines.
    private mutating func skipSpace() {
        while let scalar = next {
            if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
                advance()
            } else if scalar == "#" {
                skipComment()
            } else {
                return
            }
        }
    }

    private mutating func endLine() throws(SyntaxFailure) {
        skipBlanks()
        skipComment()
        _ = take("\r")
        if next != nil, !take("\n") { throw failure("a value is followed by more on its line") }
    }

    // MARK: Structure

    private mutating func document(_ root: Table) throws(SyntaxFailure) {
        var table = root
        while true {
            skipSpace()
            guard let scalar = next else { return }
            if scalar == "[" {
                table = try header(root)
            } else {
                try pair(into: table, depth: 0)
            }
            try endLine()
        }
    }

    /// `[a.b]` or `[[a.b]]`.
    private mutating func header(_ root: Table) throws(SyntaxFailure) -> Table {
        let start = position
        advance()
        let isArray = take("[")
        let path = try keyPath()
        guard take("]"), !isArray || take("]") else { throw failure("a table's name ends with ']'") }
        var table = root
        for (key, position) in path.dropLast() { table = try inner(table, key, position) }
        guard let (key, position) = path.last else { throw failure("a table needs a name", at: start) }
        let new = Table(position)
        switch (table[key], isArray) {
        case (nil, false): table.add(key, position, .table(new))
        case (nil, true): table.add(key, position, .tables([new]))
        case (.tables?, true): table.append(new, to: key)
        case (.table(let known)?, false) where !known.isClosed:
            known.isClosed = true
            return known
        default: throw SyntaxFailure(.repeatedKey, "inline metadata: \(quoted(key)) is there already", position)
        }
        new.isClosed = true
        return new
    }

    private func inner(_ table: Table, _ key: String, _ position: Position) throws(SyntaxFailure) -> Table {
        switch table[key] {
        case nil:
            let new = Table(position)
            table.add(key, position, .table(new))
            return new
        case .table(let known)?: return known
        case .tables(let tables)?:
            guard let last = tables.last else { throw failure("no table", at: position) }
            return last
        case .node?: throw SyntaxFailure(.repeatedKey, "inline metadata: \(quoted(key)) is no table", position)
        }
    }

    private mutating func pair(into table: Table, depth: Int) throws(SyntaxFailure) {
        let path = try keyPath()
        guard take("=") else { throw failure("'=' is wanted after a key") }
        skipBlanks()
        let value = try value(depth: depth + path.count)
        var table = table
        for (key, position) in path.dropLast() { table = try inner(table, key, position) }
        guard let (key, position) = path.last else { return }
        if table[key] != nil {
            throw SyntaxFailure(.repeatedKey, "inline metadata: \(quoted(key)) is said twice", position)
        }
        table.add(key, position, .node(value))
    }

    /// `a . "b c" . d`, with the blanks around it.
    private mutating func keyPath() throws(SyntaxFailure) -> [(key: String, position: Position)] {
        var path: [(key: String, position: Position)] = []
        repeat {
            skipBlanks()
            let start = position
            let key: String
            switch next {
            case "\"": key = try basicString()
            case "'": key = try literalString()
            default:
                var bare = String.UnicodeScalarView()
                while let scalar = next, Self.isBare(scalar) {
                    bare.append(scalar)
                    advance()
                }
                if bare.isEmpty { throw failure("a key is wanted here") }
                key = String(bare)
            }
            path.append((key, start))
            if path.count > levels { throw SyntaxFailure(.tooDeep, "a key has more than \(levels) parts", start) }
            skipBlanks()
        } while take(".")
        return path
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(SyntaxFailure) -> Node {
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
        let table = Table(position)
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
        var scalar = Node.Scalar(text: text, isPlain: true)
        if text.hasPrefix("+") { scalar = Node.Scalar(text: String(text.dropFirst()), isPlain: true) }
        switch scalar.value {
        case .integer, .number: return scalar.text
        default: return nil
        }
    }

    /// Whether each `_` stands between two digits.
    private static func isSeparated(_ word: String) -> Bool {
        let parts = word.split(separator: "_", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            guard let first = part.unicodeScalars.first, let last = part.unicodeScalars.last else { return false }
            return (first.properties.isASCIIHexDigit || first == "+" || first == "-") && last.properties.isASCIIHexDigit
        }
    }

    // MARK: Texts

    private mutating func literalString() throws(SyntaxFailure) -> String {
        let start = position
        advance()
        var text = String.UnicodeScalarView()
        while let scalar = next, scalar != "\n" {
            advance()
            if scalar == "'" { return String(text) }
            text.append(scalar)
        }
        throw failure("a text does not end on its line", at: start)
    }

    private mutating func basicString() throws(SyntaxFailure) -> String {
        let start = position
        advance()
        var text = String.UnicodeScalarView()
        while let scalar = next, scalar != "\n" {
            if scalar == "\\" {
                text.append(try escape())
                continue
            }
            advance()
            if scalar == "\"" { return String(text) }
            text.append(scalar)
        }
        throw failure("a text does not end on its line", at: start)
    }

    /// Between three quotes each.
    private mutating func longString(_ quote: Unicode.Scalar) throws(SyntaxFailure) -> String {
        let start = position
        for _ in 0..<3 { advance() }
        _ = take("\n")
        var text = String.UnicodeScalarView()
        while let scalar = next {
            if scalar == quote, ahead(1) == quote, ahead(2) == quote {
                for _ in 0..<3 { advance() }
                // Up to two more belong to the text.
                for _ in 0..<2 where next == quote {
                    text.append(quote)
                    advance()
                }
                return String(text)
            }
            if quote == "\"", scalar == "\\" {
                if ahead(1) == "\n" || ahead(1) == " " {
                    advance()
                    while let blank = next, blank == " " || blank == "\t" || blank == "\n" { _ = blank; advance() }
                } else {
                    text.append(try escape())
                }
                continue
            }
            text.append(scalar)
            advance()
        }
        throw failure("a text does not end", at: start)
    }

    private mutating func escape() throws(SyntaxFailure) -> Unicode.Scalar {
        let start = position
        advance()
        guard let scalar = next else { throw failure("a text does not end", at: start) }
        advance()
        switch scalar {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "e": return "\u{1B}"
        case "\"", "\\": return scalar
        case "u", "U":
            var value: UInt32 = 0
            for _ in 0..<(scalar == "u" ? 4 : 8) {
                guard let digit = next, let number = Character(digit).hexDigitValue, digit.isASCII else {
                    throw failure("'\\\(scalar)' wants \(scalar == "u" ? 4 : 8) hexadecimal digits", at: start)
                }
                value = value << 4 | UInt32(number)
                advance()
            }
            guard let found = Unicode.Scalar(value) else { throw failure("no such character", at: start) }
            return found
        default: throw failure("no such escape; a backslash is written '\\\\', or the text in single quotes", at: start)
        }
    }
}
