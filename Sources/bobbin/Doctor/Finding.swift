import Linux
import Presentation
import Runs

/// One thing that `doctor` looked at.
struct Finding {
    enum Verdict: String {
        case ok, degraded, missing

        var tint: Tint {
            switch self {
            case .ok: .green
            case .degraded: .yellow
            case .missing: .red
            }
        }
    }

    let subject: String
    let verdict: Verdict
    /// What was found.
    let detail: String
    /// What it means for runs, and the command that mends it; empty where all is well.
    var meaning = ""
    var remedy = ""
    /// Whether bobbind cannot work as it is set without this.
    var isRequired = false

    static func ok(_ subject: String, _ detail: String) -> Finding {
        Finding(subject: subject, verdict: .ok, detail: detail)
    }

    func json() -> String {
        var object = JSONWriter()
        object.add("check", subject)
        object.add("verdict", verdict.rawValue)
        object.add("required", isRequired)
        object.add("detail", detail)
        if !meaning.isEmpty { object.add("meaning", meaning) }
        if !remedy.isEmpty { object.add("remedy", remedy) }
        return object.finished()
    }

    /// For people: one line, and below it what it means and what to do.
    func lines(width: Int) -> [String] {
        let padding = String(repeating: " ", count: max(1, width - TextWidth.of(subject) + 2))
        let word = verdict.rawValue + String(repeating: " ", count: 10 - verdict.rawValue.count)
        var lines = [Console.tinted(word, verdict.tint) + subject + padding + escaped(detail.utf8)]
        if !meaning.isEmpty { lines.append(String(repeating: " ", count: 10) + meaning) }
        if !remedy.isEmpty { lines.append(String(repeating: " ", count: 10) + "→ " + remedy) }
        return lines
    }
}
