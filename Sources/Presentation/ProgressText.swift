public import Runs

/// How far a run is, by its own words.
public enum ProgressText {
    /// `40 %  reading orders`; nil if it has said nothing.
    public static func of(_ status: RunStatus) -> String? {
        let report = status.report
        let share = report.progress.map { "\($0 / 10) %" }
        let words = [share, report.progressText ?? (report.progress == nil ? report.message : nil)].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: "  ")
    }
}
