/// The identity of one execution: a ULID, 26 characters of Crockford's base 32, whose order is the order of its time.
///
/// Source: the ULID specification, github.com/ulid/spec. Only upper case is a run id; the first character is at most `7`.
public struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The upper and lower 64 of the 128 bits.
    let high: UInt64
    let low: UInt64

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }()

    /// The id that 26 characters spell, or nil.
    public init?(_ text: some StringProtocol) { self.init(bytes: text.utf8) }

    /// The id that 26 bytes of ASCII spell, or nil.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 26, let first = bytes.first, Self.values[Int(first)] <= 7 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in bytes {
            let value = Self.values[Int(byte)]
            if value == 255 { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        self.high = high
        self.low = low
    }

    /// A new id at a time, with 80 random bits.
    public init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | UInt64(UInt16.random(in: .min ... .max, using: &generator))
        low = UInt64.random(in: .min ... .max, using: &generator)
    }

    /// A new id for now.
    public static func new() -> RunID {
        var generator = SystemRandomNumberGenerator()
        return RunID(at: .now(), using: &generator)
    }

    /// When it was made, as its maker says.
    public var time: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    public var description: String {
        String(unsafeUninitializedCapacity: 26) { buffer in
            var high = high
            var low = low
            for index in stride(from: 25, through: 0, by: -1) {
                buffer[index] = Self.alphabet[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return 26
        }
    }

    public static func < (left: RunID, right: RunID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
