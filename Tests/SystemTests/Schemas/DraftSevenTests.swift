import Foundation
import Testing

/// The tests that JSON Schema's authors give to everybody, from Debian's json-schema-test-suite.
@Suite struct DraftSevenTests {
    static let directory = "/usr/share/json-schema-test-suite/tests/draft7"
    static let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
        .filter { $0.hasSuffix(".json") }.sorted()

    @Test("are met", .enabled(if: !files.isEmpty, "missing: json-schema-test-suite"), arguments: files)
    func official(_ name: String) async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(Self.directory)/\(name)"))
        let groups = try #require(JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        for group in groups {
            let schema = try Self.text(group["schema"])
            for test in try #require(group["tests"] as? [[String: Any]]) {
                let answer = try await Validator.run(schema: schema, text: Self.text(test["data"]))
                // Nothing is fetched, and a schema that asks for it is refused.
                if answer.verdict == .badSchema, answer.output.contains("nothing is fetched") { continue }
                let wanted = test["valid"] as? Bool == true ? Validator.Verdict.valid : .invalid
                #expect(answer.verdict == wanted, "\(group["description"] ?? ""): \(test["description"] ?? "")")
            }
        }
    }

    private static func text(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: try #require(value), options: [.fragmentsAllowed])
        return String(decoding: data, as: UTF8.self)
    }
}
