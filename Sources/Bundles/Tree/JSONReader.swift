/// Reads JSON as RFC 8259 has it: no comments, no trailing commas, no NaN.
///
/// Not libyaml, although JSON is nearly YAML: it takes much more than JSON, and it refuses some of it (keys of more than 1024
/// characters, DEL in a text, `:` on the line after its key).
struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    private var builder: TreeBuilder
    /// Up to where lines and columns are counted, so that counting takes one pass in all.
    private var counted = (index: 0, line: 1, column: 1)

    /// - Parameter text: UTF-8 without a byte order mark.
    static func read(_ text: [UInt8], levels: Int, findings: Findings) throws(SyntaxFailure) -> Node? {
        var reader = JSONReader(bytes: text, builder: TreeBuilder(levels: levels, findings: findings))
        try reader.readValue()
        reader.skipSpace()
        if reader.index < text.count { throw reader.failure("more text after the end of the value") }
        return reader.builder.root
    }

    private init(bytes: [UInt8], builder: TreeBuilder) {
        self.bytes = bytes
        self.builder = builder
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func position() -> Position {
        while counted.index < index {
            let byte = bytes[counted.index]
            counted.index += 1
            if byte == 0x0A {
                counted.line += 1
                counted.column = 1
            } else if byte & 0xC0 != 0x80 {
                counted.column += 1
            }
        }
        return Position(line: counted.line, column: counted.column)
    }

    private mutating func failure(_ message: String) -> SyntaxFailure { SyntaxFailure(.syntax, message, position()) }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    /// Recursion is bounded by the builder's levels.
    private mutating func readValue() throws(SyntaxFailure) {
        skipSpace()
        switch next {
        case nil: throw failure("the text ends where a value is wanted")
        case 0x7B: try readObject()
        case 0x5B: try readArray()
        case 0x22:
            let start = position()
            builder.add(Node(content: .scalar(.init(text: try readString(), isPlain: false)), position: start))
        case 0x74: try readWord("true")
        case 0x66: try readWord("false")
        case 0x6E: try readWord("null")
        default: try readNumber()
        }
    }

    private mutating func readObject() throws(SyntaxFailure) {
        try builder.open(isMapping: true, at: position())
        index += 1
        skipSpace()
        if next == 0x7D {
            index += 1
            return builder.close()
        }
        while true {
            skipSpace()
            if next != 0x22 { throw failure("a key in double quotes is wanted here") }
            let start = position()
            builder.add(Node(content: .scalar(.init(text: try readString(), isPlain: false)), position: start))
            skipSpace()
            if next != 0x3A { throw failure("':' is wanted after a key") }
            index += 1
            try readValue()
            if try endsAfterElement(0x7D) { return builder.close() }
        }
    }

    private mutating func readArray() throws(SyntaxFailure) {
        try builder.open(isMapping: false, at: position())
        index += 1
        skipSpace()
        if next == 0x5D {
            index += 1
            return builder.close()
        }
        while true {
            try readValue()
            if try endsAfterElement(0x5D) { return builder.close() }
        }
    }

    private mutating func endsAfterElement(_ end: UInt8) throws(SyntaxFailure) -> Bool {
        skipSpace()
        guard let byte = next, byte == end || byte == 0x2C else {
            throw failure("',' or '\(Character(Unicode.Scalar(end)))' is wanted here")
        }
        index += 1
        return byte == end
    }

    private mutating func readWord(_ word: String) throws(SyntaxFailure) {
        let start = position()
        guard bytes[index...].starts(with: word.utf8) else { throw failure("this is no JSON value") }
        index += word.utf8.count
        builder.add(Node(content: .scalar(.init(text: word, isPlain: true)), position: start))
    }

    private mutating func readNumber() throws(SyntaxFailure) {
        let start = position()
        let first = index
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
        if next == 0x2D { index += 1 }
        guard isDigit(next) else { throw SyntaxFailure(.syntax, "this is no JSON value", start) }
        if next == 0x30 { index += 1 } else { while isDigit(next) { index += 1 } }
        if isDigit(next) { throw SyntaxFailure(.syntax, "a number must not begin with 0", start) }
        if next == 0x2E {
            index += 1
            guard isDigit(next) else { throw failure("a digit is wanted after '.'") }
            while isDigit(next) { index += 1 }
        }
        if next == 0x65 || next == 0x45 {
            index += 1
            if next == 0x2B || next == 0x2D { index += 1 }
            guard isDigit(next) else { throw failure("a digit is wanted in the exponent") }
            while isDigit(next) { index += 1 }
        }
        let text = String(decoding: bytes[first..<index], as: UTF8.self)
        builder.add(Node(content: .scalar(.init(text: text, isPlain: true)), position: start))
    }

    private mutating func readString() throws(SyntaxFailure) -> String {
        let start = position()
        index += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case 0x22:
                index += 1
                return String(decoding: text, as: UTF8.self)
            case 0x5C: text += try readEscape()
            case 0..<0x20: throw failure("a control character in a text must be escaped")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw SyntaxFailure(.syntax, "the text ends inside the string that begins here", start)
    }

    private mutating func readEscape() throws(SyntaxFailure) -> [UInt8] {
        let letter = index + 1 < bytes.count ? bytes[index + 1] : 0
        let single: UInt8
        switch letter {
        case 0x22, 0x5C, 0x2F: single = letter
        case 0x62: single = 0x08
        case 0x66: single = 0x0C
        case 0x6E: single = 0x0A
        case 0x72: single = 0x0D
        case 0x74: single = 0x09
        case 0x75: return try readUnicodeEscape()
        default: throw failure("this is no escape of JSON")
        }
        index += 2
        return [single]
    }

    private mutating func readUnicodeEscape() throws(SyntaxFailure) -> [UInt8] {
        guard let unit = hexUnit(at: index) else { throw failure("four hexadecimal digits are wanted after '\\u'") }
        var units = [unit]
        if UTF16.isLeadSurrogate(unit), let low = hexUnit(at: index + 6) { units.append(low) }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw failure("half of a surrogate pair is no character")
        }
        index += 6 * units.count
        return Array(text.utf8)
    }

    /// The UTF-16 unit that `\uXXXX` at a place spells.
    private func hexUnit(at place: Int) -> UInt16? {
        guard place + 6 <= bytes.count, bytes[place] == 0x5C, bytes[place + 1] == 0x75 else { return nil }
        let digits = bytes[(place + 2)..<(place + 6)]
        // `UInt16(_:radix:)` alone would take a sign.
        guard digits.first != 0x2B, digits.first != 0x2D else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
