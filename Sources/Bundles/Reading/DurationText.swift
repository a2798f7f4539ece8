internal import Runs

/// Durations as people write them.
public enum DurationText {
    /// `1h30m`, `500ms`, `0s`: whole units in falling order.
    public static func text(_ milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        var rest = milliseconds.magnitude
        var text = milliseconds < 0 ? "-" : ""
        for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
            as [(String, UInt64)]
        where rest >= length {
            text += "\(rest / length)\(unit)"
            rest %= length
        }
        return text
    }

    /// Milliseconds, more than zero; nil if it is no duration, or beyond 2^63 - 1.
    public static func parse(_ text: String) -> Int64? { try? QuantityText.duration.parse(text) }

    /// Thousandths without needless zeros: 1500 is `1.5`, 2000 is `2`. A JSON number.
    static func decimal(_ thousandths: Int64) -> String {
        if thousandths % 1000 == 0 { return String(thousandths / 1000) }
        var text = JSONWriter.seconds(thousandths)
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }
}
