/// Reads one JSON text, as RFC 8259 has it, into a value whose objects keep their order.
struct JSONReader {
    /// More is no JSON that Bobbin writes; reading goes by recursion.
    private static let mostLevels = 64

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The one value that the text is; nil if it is anything else.
    mutating func wholeText() -> JSONValue? {
        guard let value = value(levels: Self.mostLevels) else { return nil }
        skipSpace()
        return position == bytes.count ? value : nil
    }

    private mutating func value(levels: Int) -> JSONValue? {
        skipSpace()
        guard position < bytes.count, levels > 0 else { return nil }
        switch bytes[position] {
        case 0x7B:
            let members = list(open: "{", close: "}") { reader -> JSONObject.Member? in
                guard let key = reader.string(), reader.take(":"), let value = reader.value(levels: levels - 1) else {
                    return nil
                }
                return JSONObject.Member(key: key, value: value)
            }
            return members.map { .object(JSONObject(members: $0)) }
        case 0x5B: return list(open: "[", close: "]") { $0.value(levels: levels - 1) }.map(JSONValue.array)
        case 0x22: return string().map(JSONValue.text)
        case 0x74: return word("true", .boolean(true))
        case 0x66: return word("false", .boolean(false))
        case 0x6E: return word("null", .null)
        default: return number()
        }
    }

    private mutating func list<Element>(
        open: Unicode.Scalar, close: Unicode.Scalar, _ element: (inout Self) -> Element?
    ) -> [Element]? {
        guard take(open) else { return nil }
        var elements: [Element] = []
        if take(close) { return elements }
        repeat {
            guard let next = element(&self) else { return nil }
            elements.append(next)
        } while take(",")
        return take(close) ? elements : nil
    }

    private mutating func word(_ word: String, _ value: JSONValue) -> JSONValue? {
        guard bytes[position...].starts(with: word.utf8) else { return nil }
        position += word.utf8.count
        return value
    }

    private mutating func number() -> JSONValue? {
        let start = position
        if isAt(0x2D) { position += 1 }
        if isAt(0x30) { position += 1 } else if !digits() { return nil }
        if isAt(0x2E) {
            position += 1
            if !digits() { return nil }
        }
        if isAt(0x65) || isAt(0x45) {
            position += 1
            if isAt(0x2B) || isAt(0x2D) { position += 1 }
            if !digits() { return nil }
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// Passes over digits; false if there are none.
    private mutating func digits() -> Bool {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position > start
    }

    private func isAt(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x22: return String(validating: text, as: UTF8.self)
            case 0x5C:
                guard let scalar = escape() else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            case ..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: return Unicode.Scalar(byte)
        case 0x62: return "\u{8}"
        case 0x66: return "\u{C}"
        case 0x6E: return "\n"
        case 0x72: return "\r"
        case 0x74: return "\t"
        case 0x75: return unicodeEscape()
        default: return nil
        }
    }

    private mutating func unicodeEscape() -> Unicode.Scalar? {
        guard let first = hexadecimal() else { return nil }
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) }
        guard bytes[position...].starts(with: [0x5C, 0x75]) else { return nil }
        position += 2
        guard let second = hexadecimal(), (0xDC00...0xDFFF).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func hexadecimal() -> UInt32? {
        guard bytes.count - position >= 4 else { return nil }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: return nil
            }
        }
        position += 4
        return value
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, UInt32(bytes[position]) == scalar.value else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while isAt(0x20) || isAt(0x09) || isAt(0x0A) || isAt(0x0D) { position += 1 }
    }
}
