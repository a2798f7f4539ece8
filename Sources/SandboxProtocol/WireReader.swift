/// What a message that does not keep to the protocol is.
public enum WireError: Error, Hashable, Sendable {
    /// It ends before it is complete.
    case truncated
    /// Something follows its end.
    case trailing
    /// A value that the protocol does not know or allow; the field's name.
    case invalid(StaticName)

    /// A field's name, as the source has it.
    public struct StaticName: Hashable, Sendable, ExpressibleByStringLiteral {
        public let name: String
        public init(stringLiteral value: String) { name = value }
    }
}

/// Reads messages as if an attacker had sent them: every length is checked against what is there before anything is
/// taken, and nothing is reserved on the strength of a number in the message.
package struct WireReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(WireError) -> Number {
        let size = MemoryLayout<Number>.size
        if bytes.count - position < size { throw .truncated }
        let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Number.self) }
        position += size
        return Number(littleEndian: number)
    }

    package mutating func flag(_ name: WireError.StaticName) throws(WireError) -> Bool {
        switch try number(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw .invalid(name)
        }
    }

    package mutating func string() throws(WireError) -> [UInt8] {
        let length = Int(try number(UInt32.self))
        if bytes.count - position < length { throw .truncated }
        defer { position += length }
        return Array(bytes[position..<(position + length)])
    }

    /// A byte string that can become a C string.
    package mutating func terminable(_ name: WireError.StaticName) throws(WireError) -> [UInt8] {
        let string = try string()
        if string.contains(0) { throw .invalid(name) }
        return string
    }

    package mutating func text(_ name: WireError.StaticName) throws(WireError) -> String {
        guard let text = String(validating: try string(), as: UTF8.self) else { throw .invalid(name) }
        return text
    }

    package mutating func terminables(_ name: WireError.StaticName) throws(WireError) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        for _ in 0..<(try number(UInt32.self)) { strings.append(try terminable(name)) }
        return strings
    }

    package mutating func texts(_ name: WireError.StaticName) throws(WireError) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try number(UInt32.self)) { texts.append(try text(name)) }
        return texts
    }

    package func end() throws(WireError) {
        if position != bytes.count { throw .trailing }
    }
}
