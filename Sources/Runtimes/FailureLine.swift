/// Why a script failed, from the last lines that its interpreter wrote; the whole is on stderr.
public enum FailureLine {
    /// - Parameter text: the end of standard error.
    public static func reason(runtime: String, _ text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        return switch runtime {
        case "python": python(lines)
        case "r": r(lines)
        case "node": node(lines)
        default: nil
        }
    }

    /// `  File "/bundle/main.py", line 3, in <module>` and, last, `ZeroDivisionError: division by zero`.
    private static func python(_ lines: [String]) -> String? {
        guard let begin = lines.lastIndex(where: { $0.hasPrefix("  File \"") }),
            // The message may have several lines; the first that is not indented below the frame is its beginning.
            let message = lines[(begin + 1)...].first(where: { !$0.hasPrefix(" ") && !$0.isEmpty })
        else { return nil }
        // The script's own code, not a library's that it called.
        let frames = lines[...begin].reversed().prefix { line in
            !line.hasPrefix("Traceback ") && !line.hasPrefix("During handling")
                && !line.hasPrefix("The above exception")
        }
        let own = frames.first { $0.hasPrefix("  File \"/bundle/") } ?? lines[begin]
        let parts = own.split(separator: "\"", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[2].hasPrefix(", line ") else { return nil }
        let number = parts[2].dropFirst(7).prefix(while: \.isNumber)
        return "\(path(parts[1])):\(number): \(message)"
    }

    /// `Error in f(x) : text` or `Error: text`; the text may begin on the next line.
    private static func r(_ lines: [String]) -> String? {
        guard let begin = lines.lastIndex(where: { $0.hasPrefix("Error in ") || $0.hasPrefix("Error: ") }) else {
            return nil
        }
        let line = lines[begin]
        guard line.hasSuffix(": "), begin + 1 < lines.endIndex else { return line }
        return line + lines[begin + 1].trimmed
    }

    /// `/bundle/main.js:3`, the line with a `^` below, and then `TypeError: text` with its stack.
    private static func node(_ lines: [String]) -> String? {
        guard
            let message = lines.lastIndex(where: { line in
                line.hasPrefix("Error: ") || line.hasPrefix("Uncaught ")
                    || line.split(separator: ":", maxSplits: 1).first.map(isErrorName) == true
            })
        else { return nil }
        let frame = lines[message...].first { $0.hasPrefix("    at ") && $0.contains("/bundle/") }
        let source = frame ?? lines[..<message].last { $0.contains("/bundle/") }
        return (source.flatMap(place).map { "\($0): " } ?? "") + lines[message]
    }

    private static func isErrorName(_ name: Substring) -> Bool {
        let word = name.split(separator: " ").first ?? ""
        return word.hasSuffix("Error") && word.allSatisfy { $0.isLetter }
    }

    /// `main.js:3` of a text with `/bundle/main.js:3:5` in it.
    private static func place(in text: String) -> String? {
        guard let range = text.firstRange(of: "/bundle/") else { return nil }
        let parts = text[range.upperBound...].split(separator: ":")
        guard parts.count >= 2, let line = parts[1].split(separator: ")").first, line.allSatisfy(\.isNumber) else {
            return nil
        }
        return "\(parts[0]):\(line)"
    }

    private static func path(_ file: String) -> String {
        file.hasPrefix("/bundle/") ? String(file.dropFirst("/bundle/".count)) : file
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
