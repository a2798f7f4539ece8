/// Reads back the JSON that the history's columns hold: one object of texts and whole numbers, or an array of such.
///
/// Foundation's decoder forgets the order of an object's keys, and the order of labels is their manifest's. The database may
/// have been edited by hand, so whatever else stands there gives nil.
struct FlatJSONReader {
    enum Value: Equatable {
        case text(String)
        case number(Int)
    }

    struct Member: Equatable {
        let key: String
        let value: Value
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The one object that the text is.
    mutating func object() -> [Member]? {
        guard let members = members(), atEnd() else { return nil }
        return members
    }

    /// The one array of objects that the text is.
    mutating func array() -> [[Member]]? {
        guard let list = list(open: "[", close: "]", { $0.members() }), atEnd() else { return nil }
        return list
    }

    private mutating func members() -> [Member]? {
        list(open: "{", close: "}") { reader in
            guard let key = reader.string(), reader.take(":"), let value = reader.value() else { return nil }
            return Member(key: key, value: value)
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

    private mutating func value() -> Value? {
        skipSpace()
        guard position < bytes.count else { return nil }
        if bytes[position] == 0x22 { return string().map(Value.text) }
        let digits = bytes[position...].prefix { (0x30...0x39).contains($0) || $0 == 0x2D }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        position += digits.count
        return .number(number)
    }

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
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func atEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }
}
