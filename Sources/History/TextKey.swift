/// A text as a key of a dictionary: by its bytes, as the database compares. Two Swift strings are equal that differ in them.
struct TextKey: Hashable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    /// In one go: the standard one goes byte by byte.
    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// FNV-1a from a seed that outsiders do not know: what a stranger wrote should not all have one hash. It stands in the
    /// database, so it must not change.
    func hash(seed: Int64) -> Int64 {
        var hash = UInt64(bitPattern: seed) ^ 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}
