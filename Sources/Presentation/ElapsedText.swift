/// How long something took, for people: two units at most.
public enum ElapsedText {
    public static func text(_ milliseconds: Int64) -> String {
        let total = max(0, milliseconds)
        if total < 1000 { return "\(total) ms" }
        if total < 60_000 { return "\(total / 1000).\(total % 1000 / 100) s" }
        let seconds = total / 1000
        if seconds < 3600 { return "\(seconds / 60)m \(two(seconds % 60))s" }
        if seconds < 86_400 { return "\(seconds / 3600)h \(two(seconds / 60 % 60))m" }
        return "\(seconds / 86_400)d \(two(seconds / 3600 % 24))h"
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

/// A number of bytes for people: three digits and a binary unit.
public enum BytesText {
    public static func text(_ bytes: Int64) -> String {
        let size = max(0, bytes)
        if size < 1024 { return "\(size) B" }
        var unit: Int64 = 1024
        for name in ["KiB", "MiB", "GiB"] {
            if size / unit < 1024 { return number(size, unit) + " " + name }
            unit *= 1024
        }
        return number(size, unit) + " TiB"
    }

    private static func number(_ size: Int64, _ unit: Int64) -> String {
        let whole = size / unit
        return whole >= 100 ? "\(whole)" : "\(whole).\(size % unit * 10 / unit)"
    }
}
