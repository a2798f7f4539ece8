import Foundation
import Testing

/// What `bobbin-validate` says of schemas and texts.
@Suite struct ValidatorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var schema: String?
        var text: String
        var verdict: Validator.Verdict
        /// Each is in what it says.
        var says: [String] = []

        init(_ schema: String?, _ text: String, _ verdict: Validator.Verdict, _ says: String...) {
            self.schema = schema
            self.text = text
            self.verdict = verdict
            self.says = says
        }

        var testDescription: String { "\(schema?.prefix(70) ?? "none") / \(text.prefix(50))" }
    }

    private func check(_ one: Case) async throws {
        let answer = try await Validator.run(schema: one.schema, text: one.text)
        #expect(answer.verdict == one.verdict, "\(answer.output)")
        for words in one.says { #expect(answer.output.contains(words), "\(answer.output)") }
        if one.verdict == .valid { #expect(answer.output.isEmpty) }
    }

    @Test(
        "A text without a schema is JSON, or it is said where it is not",
        arguments: [
            Case(nil, #"{"a": [1, 2.5, null, true, "ä"]}"#, .valid),
            Case(nil, "", .noJSON, "line 1, column 1"),
            Case(nil, "{\"a\": 1,\n}", .noJSON, "line 2, column 1"),
            Case(nil, "1 2", .noJSON), Case(nil, "NaN", .noJSON), Case(nil, "'a'", .noJSON),
            Case(nil, "\"\\ud800\"", .noJSON, "surrogate"), Case(nil, "\"a\u{0}\"", .noJSON, "control character"),
            Case(nil, "[1e400]", .noJSON, "1e400"),
            Case(nil, String(repeating: "[", count: 100_000), .noJSON),
            Case(
                nil, String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000), .valid),
        ])
    func syntax(_ one: Case) async throws { try await check(one) }

    @Test(
        "Each family of keywords, with the pointer of what is wrong",
        arguments: [
            Case("true", "1", .valid), Case("false", "1", .invalid, "\tis not as the schema says"),
            Case(#"{"type": "integer"}"#, "1.0", .valid), Case(#"{"type": "integer"}"#, "1e30", .valid),
            Case(#"{"type": ["string", "null"]}"#, "3", .invalid, "must be of type string or null; this is 3"),
            Case(#"{"enum": [1, "a", {"b": []}]}"#, #"{"b": []}"#, .valid),
            Case(#"{"enum": [1]}"#, #""x""#, .invalid, "none of the values of 'enum'; this is 'x'"),
            Case(#"{"const": {"a": 1}}"#, #"{"a": 1.0}"#, .valid),
            Case(#"{"properties": {"a": {"minimum": 3}}}"#, #"{"a": 2}"#, .invalid, "/a\texpected number greater"),
            Case(#"{"exclusiveMaximum": 3}"#, "3", .invalid, "less than 3; this is 3"),
            Case(#"{"multipleOf": 0.01}"#, "19.99", .valid), Case(#"{"multipleOf": 2}"#, "4.5", .invalid),
            Case(#"{"maximum": 9}"#, "18446744073709551615", .invalid),
            Case(#"{"minLength": 3, "maxLength": 3}"#, #""äöü""#, .valid),
            Case(#"{"maxLength": 2}"#, #""a\u0000bc""#, .invalid, "at most 2 characters"),
            Case(#"{"pattern": "^.{2}$"}"#, #""äö""#, .valid), Case(#"{"pattern": "^\\d+$"}"#, #""a1""#, .invalid),
            Case(#"{"items": {"type": "string"}}"#, #"["a", 1]"#, .invalid, "/1\tmust be of type string"),
            Case(#"{"items": [true], "additionalItems": false}"#, "[1, 2]", .invalid),
            Case(#"{"contains": {"const": 3}}"#, "[1, 2]", .invalid),
            Case(#"{"uniqueItems": true}"#, #"[{"a": 1, "b": 2}, {"b": 2, "a": 1}]"#, .invalid, "element 1"),
            Case(#"{"minItems": 1}"#, "[]", .invalid), Case(#"{"maxProperties": 1}"#, #"{"a": 1, "b": 2}"#, .invalid),
            Case(#"{"required": ["a/b"]}"#, "{}", .invalid, "'a/b'"),
            Case(
                #"{"properties": {"a/b": {"properties": {"c~d": false}}}}"#, #"{"a/b": {"c~d": 1}}"#, .invalid,
                "/a~1b/c~0d\t"),
            Case(#"{"patternProperties": {"^n": {"type": "number"}}}"#, #"{"n1": "x"}"#, .invalid, "/n1\t"),
            Case(#"{"additionalProperties": false}"#, #"{"zz": 1}"#, .invalid, "'zz'"),
            Case(#"{"propertyNames": {"maxLength": 2}}"#, #"{"abc": 1}"#, .invalid),
            Case(#"{"dependencies": {"a": ["b"]}}"#, #"{"a": 1}"#, .invalid),
            Case(#"{"oneOf": [{"type": "integer"}, {"minimum": 2}]}"#, "3", .invalid, "more than one of 'oneOf'"),
            Case(#"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#, "3", .invalid, "none of 'anyOf'"),
            Case(#"{"not": {"type": "string"}}"#, #""a""#, .invalid, "'not' forbids"),
            Case(#"{"if": {"type": "integer"}, "then": {"minimum": 5}, "else": false}"#, "3", .invalid, "equal to 5"),
            Case(#"{"format": "date"}"#, #""2023-02-29""#, .invalid), Case(#"{"format": "date"}"#, "3", .valid),
            Case(#"{"format": "date-time"}"#, #""2024-02-29T12:00:00+01:00""#, .valid),
            Case(
                ##"{"definitions": {"t": {"properties": {"next": {"$ref": "#/definitions/t"}}, "type": "object"}}, "##
                    + ##""$ref": "#/definitions/t"}"##, ##"{"next": {"next": 3}}"##, .invalid, "/next/next\t"),
            Case(
                #"{"$id": "http://e.org/s", "items": {"$ref": "http://e.org/s#/not"}, "not": {"const": 1}}"#,
                "[1, 2]", .invalid, "/1\t"),
        ])
    func keywords(_ one: Case) async throws { try await check(one) }

    @Test(
        "A schema that cannot be used is refused by what is wrong with it",
        arguments: [
            Case("{", "1", .badSchema, "is no JSON: line 1"), Case("[]", "1", .badSchema, "an empty list"),
            Case(
                #"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#, "1", .badSchema,
                "/$schema\t", "draft 2020-12", "draft-07"),
            Case(#"{"$schema": "http://json-schema.org/draft-04/schema#"}"#, "1", .badSchema, "draft-04"),
            Case(#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "1", .valid),
            Case(#"{"$ref": "file:///etc/passwd"}"#, "1", .badSchema, "/$ref\t", "nothing is fetched"),
            Case(#"{"items": {"$ref": "http://e.org/a.json#/a"}}"#, "1", .badSchema, "/items/$ref\t'http://e.org"),
            Case(#"{"$ref": "other.json"}"#, "1", .badSchema, "nothing is fetched"),
            Case(##"{"$ref": "#/definitions/none"}"##, "1", .badSchema, "is not in this schema"),
            Case(##"{"$ref": "#"}"##, "1", .badSchema, "refers to itself"),
            Case(
                ##"{"definitions": {"a": {"allOf": [{"$ref": "#/definitions/b"}]}, "##
                    + ##""b": {"not": {"$ref": "#/definitions/a"}}}}"##, "1", .badSchema, "refers to itself"),
            Case(#"{"type": "strnig", "minLength": -1}"#, "1", .badSchema, "/type\t", "/minLength\t"),
            Case(#"{"multipleOf": 0}"#, "1", .badSchema, "/multipleOf"),
            Case(#"{"pattern": "("}"#, "1", .badSchema, "/pattern\t", "missing closing parenthesis"),
            Case(#"{"patternProperties": {"[": true}}"#, "1", .badSchema, "/patternProperties/[\t"),
            Case(#"{"type": "string", "type": "null"}"#, "1", .badSchema, "'type' is there twice"),
            Case(#"{"properties": {"a\u0000": true}}"#, "1", .badSchema, "NUL"),
            Case(#"{"const": "\ud800"}"#, "1", .badSchema, "surrogate"),
            Case(#"{"maximum": 1e400}"#, "1", .badSchema, "1e400"),
            Case(String(repeating: #"{"not":"#, count: 60) + "{}" + String(repeating: "}", count: 60), "1", .valid),
            Case(String(repeating: #"{"not":"#, count: 2000), "1", .badSchema, "levels deep"),
            Case("\"" + String(repeating: "a", count: 2 << 20) + "\"", "1", .badSchema, "at most 1 MiB"),
        ])
    func badSchemas(_ one: Case) async throws { try await check(one) }

    @Test(
        "What cannot be found out within the limits is said",
        arguments: [
            Case("true", String(repeating: "[", count: 100_000), .beyondLimits, "levels deep"),
            Case(#"{"pattern": "^(a+)+$"}"#, "\"\(String(repeating: "a", count: 60))b\"", .beyondLimits, "^(a+)+$"),
            // Only as deep as both together: each alone is allowed.
            Case(
                "{\"allOf\": [\(String(repeating: "{\"allOf\": [", count: 50)){\"items\": {\"$ref\": \"#\"}}"
                    + "\(String(repeating: "]}", count: 50))]}",
                String(repeating: "[", count: 500) + String(repeating: "]", count: 500), .beyondLimits, "too deep"),
        ])
    func limits(_ one: Case) async throws { try await check(one) }

    @Test("A long text against a pattern needs no deep stack")
    func longText() async throws {
        let text = "\"\(String(repeating: "ab", count: 1_000_000))\""
        let answer = try await Validator.run(schema: #"{"pattern": "^(ab|c)*$"}"#, text: text)
        #expect(answer.verdict == .valid, "\(answer.output)")
    }

    @Test("A text of 100 MB, of what needs the most memory, ends within the limits")
    func large() async throws {
        let lists = "printf '['; yes '[],' | head -n 25000000 | tr -d '\\n'; printf '0]'"
        #expect(try await Validator.run(schema: nil, shell: lists).verdict == .valid)
        let answer = try await Validator.run(schema: "true", shell: lists)
        #expect(answer.verdict == .beyondLimits && answer.output.contains("memory"), "\(answer.output)")
    }

    @Test("Of many faults a few are told, also from within alternatives")
    func many() async throws {
        let numbers = "printf '['; yes '1.5,' | head -n 1000000 | tr -d '\\n'; printf '0]'"
        for schema in [#"{"items": {"type": "string"}}"#, #"{"anyOf": [{"items": {"type": "string"}}, false]}"#] {
            let answer = try await Validator.run(schema: schema, shell: numbers)
            #expect(answer.verdict == .invalid)
            let lines = answer.output.split(separator: "\n")
            #expect(lines.count == 21)
            #expect(lines.first == "/0\tmust be of type string; this is 1.5")
            #expect(lines.last?.hasSuffix("not shown here") == true)
        }
    }
}
