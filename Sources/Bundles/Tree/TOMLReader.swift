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
    let levels: Int

    /// - Parameters:
    ///   - line: of the file, at which the text begins; each of its lines begins at `column` there.
    static func read(_ text: String, line: Int, column: Int, levels: Int) throws(SyntaxFailure) -> Node {
        var reader = TOMLReader(scalars: Array(text.unicodeScalars), line: line, column: column, levels: levels)
        let root = TOMLTable(Position(line: line, column: column))
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

    // MARK: Characters

    var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    func ahead(_ count: Int) -> Unicode.Scalar? {
        index + count < scalars.count ? scalars[index + count] : nil
    }

    var position: Position { Position(line: line, column: column) }

    mutating func advance() {
        guard index < scalars.count else { return }
        if scalars[index] == "\n" {
            line += 1
            column = firstColumn
        } else {
            column += 1
        }
        index += 1
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        advance()
        return true
    }

    func failure(_ message: String, at position: Position? = nil) -> SyntaxFailure {
        SyntaxFailure(.syntax, "inline metadata: \(message)", position ?? self.position)
    }

    mutating func skipBlanks() { while next == " " || next == "\t" { advance() } }

    private mutating func skipComment() {
        guard next == "#" else { return }
        while next != nil, next != "\n" { advance() }
    }

    /// Blanks, comments and ends of lines.
    mutating func skipSpace() {
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

    private mutating func document(_ root: TOMLTable) throws(SyntaxFailure) {
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
    private mutating func header(_ root: TOMLTable) throws(SyntaxFailure) -> TOMLTable {
        let start = position
        advance()
        let isArray = take("[")
        let path = try keyPath()
        guard take("]"), !isArray || take("]") else { throw failure("a table's name ends with ']'") }
        var table = root
        for (key, position) in path.dropLast() { table = try inner(table, key, position) }
        guard let (key, position) = path.last else { throw failure("a table needs a name", at: start) }
        let new = TOMLTable(position)
        switch (table[key], isArray) {
        case (nil, false): table.add(key, position, .table(new))
        case (nil, true): table.add(key, position, .tables(TOMLTable.List(new)))
        case (.tables(let list)?, true): list.tables.append(new)
        case (.table(let known)?, false) where !known.isClosed:
            known.isClosed = true
            return known
        default: throw SyntaxFailure(.repeatedKey, "inline metadata: \(quoted(key)) is there already", position)
        }
        new.isClosed = true
        return new
    }

    private func inner(_ table: TOMLTable, _ key: String, _ position: Position) throws(SyntaxFailure) -> TOMLTable {
        switch table[key] {
        case nil:
            let new = TOMLTable(position)
            table.add(key, position, .table(new))
            return new
        case .table(let known)?: return known
        case .tables(let list)?:
            guard let last = list.tables.last else { throw failure("no table", at: position) }
            return last
        case .node?: throw SyntaxFailure(.repeatedKey, "inline metadata: \(quoted(key)) is no table", position)
        }
    }

    mutating func pair(into table: TOMLTable, depth: Int) throws(SyntaxFailure) {
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

    static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}
