import ArgumentParser
import Linux
import Presentation
import Runs

/// Values of options as callers write them: several by commas, one of a list, a moment, a limit.
enum ListedValue {
    /// `a,b` and a second option with `c` are three; an empty one is none that could be meant.
    static func all(_ texts: [String], _ what: String) throws -> [String] {
        try texts.flatMap { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            if parts.contains("") { throw ValidationError("'\(escaped(text.utf8))' has an empty \(what)") }
            return parts
        }
    }

    static func unknown(_ word: String, _ what: String, _ words: [String]) -> ValidationError {
        ValidationError(
            "'\(escaped(word.utf8))' is no \(what)\(ClosestWord.hint(for: word, among: words)); there are: "
                + words.joined(separator: ", "))
    }

    static func queues(_ texts: [String]) throws -> [QueueName] {
        try all(texts, "queue").map { text in
            guard let queue = QueueName(text) else {
                throw ValidationError("'\(escaped(text.utf8))' is no queue's name")
            }
            return queue
        }
    }

    /// Names or patterns.
    static func names(_ texts: [String]) throws -> [String] {
        try all(texts, "name").map { text in
            // A letter in place of each wildcard makes a name of a pattern.
            let filled = text.map { $0 == "*" || $0 == "?" ? "a" : $0 }
            guard text == "*" || BundleName(String(filled)) != nil else {
                throw ValidationError(
                    "'\(escaped(text.utf8))' is no bundle's name, nor a pattern of names with '*' and '?'")
            }
            return text
        }
    }

    static func moment(_ text: String) throws -> Timestamp {
        guard let moment = MomentText.parse(text, now: .now()) else {
            throw ValidationError("'\(escaped(text.utf8))' is no moment; write \(MomentText.forms)")
        }
        return moment
    }

    /// nil for `all`.
    static func limit(_ text: String) throws -> Int? {
        if text == "all" { return nil }
        guard let count = Int(text), count > 0 else {
            throw ValidationError("'\(escaped(text.utf8))' is no limit; give a positive number or 'all'")
        }
        return count
    }
}
