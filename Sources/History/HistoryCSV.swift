/// Runs, or anything else, as CSV (RFC 4180): a header, then one line each, ended by CR LF.
///
/// What is absent is an empty field; lists and objects are the JSON text that status.json has for them. Values are given as
/// they are: one that begins with `=` is for the program that reads it to take as text.
public enum HistoryCSV {
    /// The first line.
    public static func header(_ columns: [HistoryColumn] = HistoryColumn.ofStatus) -> String {
        line(columns.map(\.rawValue))
    }

    /// The line of one run.
    public static func line(_ record: HistoryRecord, _ columns: [HistoryColumn] = HistoryColumn.ofStatus) -> String {
        line(columns.map { $0.value(of: record)?.plain })
    }

    public static func line(_ fields: [String?]) -> String {
        fields.map { field($0 ?? "") }.joined(separator: ",") + "\r\n"
    }

    /// Quotes go by scalars: CR LF is one Character, and a combining mark would hide the quote before it.
    private static func field(_ text: String) -> String {
        let special: Set<Unicode.Scalar> = ["\"", ",", "\r", "\n"]
        guard text.unicodeScalars.contains(where: special.contains) else { return text }
        var quoted = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
