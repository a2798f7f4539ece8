/// The name of a directory's entry: bytes, as the kernel has them, never normalised or mended.
///
/// A `String` would call an NFC and an NFD name equal and repair bytes that are not UTF-8.
public struct EntryName: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name's bytes: at least one, no `/`, no NUL.
    public let bytes: [UInt8]

    /// A name out of bytes that came from a directory.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// A name that the program itself chose.
    public init(_ string: String) { bytes = Array(string.utf8) }

    public init(stringLiteral value: String) { bytes = Array(value.utf8) }

    /// Whether it can stand for one entry below a directory and for nothing else: not empty, no `/`, no NUL, not `.` or `..`.
    public var isSafe: Bool {
        !bytes.isEmpty && bytes.count <= 255 && bytes != [0x2E] && bytes != [0x2E, 0x2E]
            && !bytes.contains(0x2F) && !bytes.contains(0)
    }

    /// The name as text, if its bytes are UTF-8.
    public var string: String? { String(validating: bytes, as: UTF8.self) }

    /// The name for people: control characters, backslashes and what is not UTF-8 as `\xNN`.
    public var description: String { escaped(bytes) }

    public static func < (left: EntryName, right: EntryName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    public func hasPrefix(_ prefix: String) -> Bool { bytes.starts(with: prefix.utf8) }

    public func hasSuffix(_ suffix: String) -> Bool { bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }

    /// Calls `body` with the name as C wants it.
    public func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withCBytes(bytes, body)
    }
}

/// Calls `body` with bytes and a NUL behind them.
package func withCBytes<Result, Failure: Error>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
) throws(Failure) -> Result {
    var terminated = [CChar](repeating: 0, count: bytes.count + 1)
    for index in bytes.indices { terminated[index] = CChar(bitPattern: bytes[index]) }
    return try terminated.withUnsafeBufferPointer { buffer throws(Failure) -> Result in
        guard let base = buffer.baseAddress else { preconditionFailure("an array with a NUL in it has an address") }
        return try body(base)
    }
}

/// Bytes of a stranger as text for people: control and format characters, the backslash itself, and, where the whole is not
/// UTF-8, every byte beyond ASCII stand as `\xNN`.
public func escaped(_ bytes: some Collection<UInt8>) -> String {
    let isText = String(validating: Array(bytes), as: UTF8.self) != nil
    var text = String.UnicodeScalarView()
    func append(hex byte: UInt8) {
        let digits = Array("0123456789abcdef".unicodeScalars)
        text.append(contentsOf: ["\\", "x", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
    guard isText else {
        for byte in bytes {
            if byte >= 0x20, byte < 0x7F, byte != 0x5C { text.append(Unicode.Scalar(byte)) } else { append(hex: byte) }
        }
        return String(text)
    }
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
        if scalar == "\\" || scalar.isInvisible {
            for byte in UTF8.encode(scalar) ?? .init() { append(hex: byte) }
        } else {
            text.append(scalar)
        }
    }
    return String(text)
}

extension Unicode.Scalar {
    /// Whether a terminal would act on it, or a reader not see it.
    package var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: true
        default: false
        }
    }
}
