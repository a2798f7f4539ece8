/// The name of a bundle: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, not ending in `.` and a run id.
public struct BundleName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// The name, if it is one.
    public init?(_ text: some StringProtocol) { self.init(bytes: text.utf8) }

    /// The name that bytes of a directory's entry spell, if it is one.
    public init?(bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard let first = bytes.first, bytes.count <= 128, Self.isLetterOrDigit(first),
            bytes.allSatisfy(Self.isAllowed),
            Self.runSuffix(of: bytes) == nil
        else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    /// The name under which an entry with another name is rejected: every byte that may not be there made `_`, a first one
    /// that may not be first made `x`, cut to 128 bytes.
    public init(mending bytes: some Collection<UInt8>) {
        var mended = bytes.prefix(128).map { Self.isAllowed($0) ? $0 : 0x5F }
        if mended.isEmpty { mended = [0x78] }
        if !Self.isLetterOrDigit(mended[0]) { mended[0] = 0x78 }
        // `NAME.RUN` names a run: a mended name that still ends so loses the dot that says it.
        if Self.runSuffix(of: mended) != nil { mended[mended.count - 27] = 0x5F }
        description = String(decoding: mended, as: UTF8.self)
    }

    /// The run id at the end of a name that ends in `.` and one.
    public static func runSuffix(of bytes: [UInt8]) -> RunID? {
        guard bytes.count > 27, bytes[bytes.count - 27] == 0x2E else { return nil }
        return RunID(bytes: bytes[(bytes.count - 26)...])
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == 0x2E || byte == 0x5F || byte == 0x2D
    }

    public static func < (left: BundleName, right: BundleName) -> Bool { left.description < right.description }
}
