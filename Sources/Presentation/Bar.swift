/// A horizontal bar of block characters, to an eighth of a column.
public enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// - Parameter width: Columns that the greatest value takes; what is not zero takes at least an eighth of one.
    public static func text(_ value: Int64, of greatest: Int64, width: Int) -> String {
        guard value > 0, greatest > 0, width > 0 else { return "" }
        let share = Double(min(value, greatest)) / Double(greatest)
        let units = max(1, Int((share * Double(width * 8)).rounded()))
        return String(repeating: "█", count: units / 8) + eighths[units % 8]
    }
}
