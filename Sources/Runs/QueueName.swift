/// The name of a queue, a directory in `inbox/`: `[a-z0-9][a-z0-9._-]{0,63}`.
public struct QueueName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// The name, if it is one.
    public init?(_ text: some StringProtocol) { self.init(bytes: text.utf8) }

    /// The name that bytes of a directory's entry spell, if it is one.
    public init?(bytes: some Collection<UInt8>) {
        guard let first = bytes.first, bytes.count <= 64, Self.isLetterOrDigit(first),
            bytes.allSatisfy({ Self.isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D })
        else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    public static func < (left: QueueName, right: QueueName) -> Bool { left.description < right.description }
}
