/// One line of what a script says while it runs: one JSON object in `$BOBBIN_EVENTS`.
public enum RunEvent: Sendable, Hashable {
    case log(Manifest.LogLevel, String)
    /// Thousandths.
    case progress(Int, String?)
    case message(String)
    /// JSON text.
    case checkpoint(String)
    /// Why the script failed, by the harness that called it.
    case failure(String)
    case rows(RunReport.Rows)

    /// Of a text that status.json shows.
    private static let longestText = 1000

    /// nil for what is no event: not JSON, an unknown type, a value of the wrong kind.
    public init?(line: [UInt8]) {
        guard case .object(let object)? = JSONValue(reading: line), case .text(let type)? = object["type"] else {
            return nil
        }
        func text(_ key: String) -> String? {
            guard case .text(let text)? = object[key] else { return nil }
            return text
        }
        switch type {
        case "log":
            guard let level = text("level").flatMap(Self.level), let message = text("message") else { return nil }
            self = .log(level, message)
        case "progress":
            guard case .number(let digits)? = object["value"], let value = Double(digits), value.isFinite else {
                return nil
            }
            self = .progress(Int(min(max(value, 0), 1) * 1000), text("text").map(Self.oneLine))
        case "message":
            guard let text = text("text") else { return nil }
            self = .message(Self.oneLine(text))
        case "checkpoint":
            guard let value = object["value"], value.isFinite, case let json = value.json,
                json.utf8.count < CheckpointKey.longestValue
            else {
                return nil
            }
            self = .checkpoint(json)
        case "failure":
            guard let reason = text("reason") else { return nil }
            self = .failure(Self.oneLine(reason))
        case "rows":
            guard case .number(let total)? = object["total"], let total = Int64(total), total >= 0,
                case .number(let failed)? = object["failed"], let failed = Int64(failed), failed >= 0
            else { return nil }
            self = .rows(RunReport.Rows(total: total, failed: failed))
        default: return nil
        }
    }

    private static func level(_ word: String) -> Manifest.LogLevel? {
        // Python's own name for it.
        word == "warning" ? .warn : Manifest.LogLevel(rawValue: word)
    }

    /// Its first line that is not empty, cut.
    public static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.utf8.count <= longestText ? line : String(line.prefix(longestText / 4)) + "…"
    }
}
