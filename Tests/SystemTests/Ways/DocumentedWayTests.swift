import Foundation
import Testing

/// The examples of docs/python.md, docs/r.md and docs/node.md, run as they are printed there.
///
/// A fence with a file's name behind its language is a file of a bundle, or what its result holds: everything below one heading is
/// one bundle.
@Suite(
    .inTurn, .sharedDaemon(settings: Brisk.settings(slots: 4)), .needs("python3", "Rscript", "node"))
struct DocumentedWayTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let document: String
        let heading: String
        var files: [String: String] = [:]
        /// What the result holds, by its file; `reason` is a part of status.json.
        var expected: [String: String] = [:]
        var testDescription: String { "\(document): \(heading)" }
    }

    private static let results = ["reason", "stdout", "stderr", "state", "result.json", "result.csv", "log.jsonl"]

    static let examples = ["python", "r", "node"].flatMap { examples(in: $0) }

    private static func examples(in document: String) -> [Example] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = (try? String(contentsOf: root.appending(path: "docs/\(document).md"), encoding: .utf8)) ?? ""
        var examples: [Example] = []
        var heading = ""
        var block: (name: String, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = block {
                guard line == "```" else {
                    block?.lines.append(line)
                    continue
                }
                block = nil
                if open.name.isEmpty { continue }
                if examples.last?.heading != heading || examples.last?.document != document {
                    examples.append(Example(document: document, heading: heading))
                }
                let content = open.lines.joined(separator: "\n") + "\n"
                let isResult = results.contains(open.name) || open.name.hasPrefix("files/")
                if isResult {
                    examples[examples.count - 1].expected[open.name] = content
                } else {
                    examples[examples.count - 1].files[open.name] = content
                }
            } else if line.hasPrefix("```") {
                let words = line.dropFirst(3).split(separator: " ")
                block = (words.count > 1 ? String(words[1]) : "", [])
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            }
        }
        return examples
    }

    @Test func thereAreExamples() {
        for document in ["python", "r", "node"] {
            #expect(Self.examples.count { $0.document == document } >= 3, "\(document)")
        }
        for example in Self.examples { #expect(!example.expected.isEmpty, "\(example)") }
    }

    @Test(arguments: examples) func itRunsAsPrinted(_ example: Example) async throws {
        let spool = try Daemon.shared.spool
        var entry = spool.freshName("doc")
        if example.files.count == 1, let (file, text) = example.files.first, !file.hasPrefix("main.") {
            entry = "\(entry)-\(file)"
            try spool.drop(entry, script: text)
        } else {
            try spool.drop(entry, files: example.files)
        }
        let result = try await spool.result(of: entry)
        let state = example.expected["reason"] == nil ? "succeeded" : "failed"
        #expect(result.state == state, "\(result)")
        for (name, text) in example.expected {
            let found = name == "reason" ? result.reason : result.text(name) ?? "none"
            #expect(Self.trimmed(found) == Self.trimmed(text), "\(name): \(found); \(result)")
        }
    }

    private static func trimmed(_ text: String) -> String { text.hasSuffix("\n") ? String(text.dropLast()) : text }
}
