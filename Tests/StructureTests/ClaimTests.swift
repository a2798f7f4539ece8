import Foundation
import Testing

/// What the documents claim of the code.
@Suite("Claims of the documents")
struct ClaimTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Sources.root.appending(path: path), encoding: .utf8)
    }

    private static func section(_ title: String, of text: String) -> String {
        guard let start = text.range(of: "\n## \(title)\n") else { return "" }
        let rest = text[start.upperBound...]
        return String(rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)])
    }

    /// Words in backticks.
    private static func quoted(_ text: some StringProtocol) -> [String] {
        String(text).matches(of: /`([^`]+)`/).map { String($0.output.1) }
    }

    @Test("Each promise names a test that is there")
    func promises() throws {
        let tests = Sources.swiftFiles(below: "Tests").flatMap(\.lines).joined(separator: "\n")
        let makefile = try Self.text("Makefile")
        let promises = Self.section("What Bobbin promises", of: try Self.text("README.md"))
        let security = try Self.text("docs/security.md")
        let rows = promises.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count >= 10)
        for row in rows {
            let shown = Self.quoted(row.split(separator: "|").last ?? "")
            #expect(shown.contains { $0.hasSuffix("Tests") || $0.hasPrefix("make ") }, "\(row)")
        }
        for word in Self.quoted(promises) + Self.quoted(security) {
            let isTest = word.hasSuffix("Tests") && tests.contains("struct \(word) ")
            let isTarget = word.hasPrefix("make ") && makefile.contains("\n\(word.dropFirst(5)):")
            if word.hasSuffix("Tests") || word.hasPrefix("make ") {
                #expect(isTest || isTarget, "there is no such test or target: \(word)")
            }
        }
    }

    @Test("The table of system calls is the filter's")
    func systemCalls() throws {
        let rules = try Self.text("Sources/LauncherCore/SyscallRules.swift")
        let table = Self.section("System calls", of: try Self.text("docs/security.md"))
        let refused = Set(rules.matches(of: /"([a-z0-9_]+)"/).map { String($0.output.1) })
        let documented = Set(
            table.split(separator: "\n").filter { $0.hasPrefix("| `") }
                .flatMap { Self.quoted($0.split(separator: "|").first ?? "") })
        #expect(refused == documented, "\(refused.symmetricDifference(documented).sorted())")
    }
}
