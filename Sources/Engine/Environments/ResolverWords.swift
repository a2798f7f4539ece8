internal import Runs

/// Why a build failed, in the words of who resolved its requirements: pip's and uv's output, as one sentence.
enum ResolverWords {
    private static let longest = 600

    /// nil if nothing was said.
    static func find(in output: [UInt8]) -> String? {
        let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        // uv draws a tree below `×`, its explanation beside `╰─▶`, with lines that are broken to fit; hints follow.
        if let start = lines.lastIndex(where: { $0.contains("×") }) {
            var words = ""
            for line in lines[start...].prefix(40) {
                let text = String(line.drop { " ×╰├─▶│├".contains($0) })
                if text.hasPrefix("hint:") || line.contains("hint:") || text.isEmpty { break }
                words += (words.isEmpty ? "" : line.contains("▶") ? ": " : " ") + text
            }
            return shortened(words)
        }
        // A newer uv says it in lines below one that begins with `error:`, each with its cause.
        if let start = lines.lastIndex(where: { $0.hasPrefix("error: ") }), lines.count > start + 1 {
            let causes = lines[(start + 1)...].prefix(20).map { $0.drop { $0 == " " } }.prefix {
                $0.hasPrefix("cause: ")
            }
            let words = ([lines[start].dropFirst(7)] + causes.map { $0.dropFirst(7) }).joined(separator: ": ")
            if !causes.isEmpty { return shortened(words) }
        }
        let errors = lines.filter { $0.hasPrefix("ERROR:") || $0.hasPrefix("error:") }
        if let last = errors.last(where: { !$0.contains("See above for output") }) {
            return shortened(String(last.drop { $0 != ":" }.dropFirst().drop { $0 == " " }))
        }
        let last = lines.last { line in
            line.contains { !$0.isWhitespace }
                && !["[notice]", "note:", "hint:", "WARNING:"].contains { line.hasPrefix($0) }
        }
        return last.map(shortened)
    }

    private static func shortened(_ text: String) -> String {
        let line = RunEvent.oneLine(text)
        return line.count <= longest ? line : line.prefix(longest) + "…"
    }
}
