/// Sizes as people write them.
public enum SizeText {
    /// `1GiB`, `1536KiB`, `1000000B`: the largest unit of 1024 that leaves no rest.
    public static func text(_ bytes: Int64) -> String {
        for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where bytes != 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)B"
    }

    /// Bytes, more than zero; nil if it is no size, or beyond 2^63 - 1.
    public static func parse(_ text: String) -> Int64? { try? QuantityText.size.parse(text) }
}
