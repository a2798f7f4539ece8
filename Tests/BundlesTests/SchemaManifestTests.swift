import Linux
import Runs
import TestSupport
import Testing

@testable import Bundles

/// What manifests and queues say of schemas, and how verdicts on them are told.
@Suite struct SchemaManifestTests {
    @Test(arguments: [
        ("{type: array, items: {maximum: 1.50}}", Manifest.Schema.json(#"{"type":"array","items":{"maximum":1.50}}"#)),
        ("{file: ./schemas//in.json}", .file("schemas/in.json")), ("true", .json("true")), ("false", .json("false")),
        ("{file: {type: string}}", .json(#"{"file":{"type":"string"}}"#)),
        ("{file: a, type: object}", .json(#"{"file":"a","type":"object"}"#)), ("{}", .json("{}")),
    ])
    func kept(_ text: String, _ schema: Manifest.Schema) throws {
        let files = [
            ("manifest.yaml", "input_schema: \(text)\noutput_schema: \(text)"), ("main.py", ""),
            ("schemas/in.json", "{}"),
        ]
        let judgement = try judge(files)
        let manifest = try #require(judgement.manifest, "\(judgement.messages)")
        #expect(manifest.inputSchema == schema && manifest.outputSchema == schema)
        #expect(try Manifest.reading(applied: Array(manifest.json().utf8)).get() == manifest)
    }

    @Test(arguments: [
        (
            "input_schema: text",
            "1:15: 'input_schema' must be a schema of JSON Schema's draft-07, or {file: PATH}; this is text"
        ),
        (
            "output_schema: [1]",
            "1:16: 'output_schema' must be a schema of JSON Schema's draft-07, or {file: PATH}; this is a list"
        ),
        (
            "output_schema:",
            "1:15: 'output_schema' must be a schema of JSON Schema's draft-07, or {file: PATH}; it has no value; leave it out for the default"
        ),
        ("output_schema: {maximum: .inf}", "1:26: '.inf' has no place in JSON; put it in quotes to pass it as a text"),
        ("input_schema: {file: /etc/passwd}", "1:22: 'file' '/etc/passwd' must be relative to the bundle's root"),
        ("input_schema: {file: no.json}", "1:22: 'input_schema' 'no.json' is not in the bundle"),
        ("output_schema: {file: ../a}", "1:23: 'file' '../a' must not have '..' in it"),
        (
            "input_schema: {}\ninput: {file: in.csv}",
            "1:15: 'input_schema' is for an input of JSON; 'in.csv' is csv"
        ),
        (
            "output_schema: {}\nresult: {format: csv}",
            "1:16: 'output_schema' is for a result of JSON; 'format' is csv"
        ),
        (
            "output_schema: {}\nresult: {file: a.png}",
            "1:16: 'output_schema' is for a result of JSON; 'a.png' is no .json"
        ),
    ])
    func refused(_ text: String, _ message: String) throws {
        let judgement = try judge([("manifest.yaml", text), ("main.py", ""), ("in.csv", "a\n1\n")])
        #expect(judgement.messages == ["manifest.yaml:\(message)"])
    }

    @Test func required() throws {
        let text = Array("queues: {default: {require_output_schema: true}, other: {require_output_schema: 1}}".utf8)
        guard case .failure(let invalid) = SettingsFile.reading(text) else {
            Issue.record("1 is no truth value")
            return
        }
        #expect(
            invalid.errors.map(\.description)
                == ["bobbin.yaml:1:81: 'require_output_schema' must be true or false; this is 1"])
        var queue = QueueSettings()
        #expect(!queue.requireOutputSchema)
        queue.requireOutputSchema = true
        let wanted = ["queue 'default' wants every manifest to have an 'output_schema'; this has none"]
        #expect(try judge([("main.py", "")], queue: queue).messages == wanted)
        #expect(try judge([("main.py", "")], queue: queue).codes == ["not_allowed"])
        #expect(try judge([("main.py", ""), ("manifest.yaml", "output_schema: {}")], queue: queue).manifest != nil)
        // One that is wrong is told by what is wrong with it alone.
        #expect(try judge([("main.py", ""), ("manifest.yaml", "output_schema: 1")], queue: queue).messages.count == 1)
    }

    @Test(arguments: [
        (Int32(0), "", SchemaVerdict.valid), (3, "\tline 1\n", .noJSON("line 1")),
        (4, "\tmemory\n", .beyondLimits("memory")),
        (
            1, "/a~1b\tis wrong\n\tis wrong, too\n",
            .invalid([.init(pointer: "/a~1b", message: "is wrong"), .init(pointer: "", message: "is wrong, too")])
        ),
        // Who took the program over can print anything.
        (2, "a\u{1B}[31m\tb\u{200B}\tc", .badSchema([.init(pointer: "a\u{FFFD}[31m", message: "b\u{FFFD}\u{FFFD}c")])),
        (1, "", .invalid([.init(pointer: "", message: "no reason was given")])),
    ])
    func read(_ code: Int32, _ output: String, _ verdict: SchemaVerdict) {
        #expect(SchemaVerdict(exitCode: code, output: Array(output.utf8)) == verdict)
    }

    @Test(arguments: [64, 74, 75, 127, -1]) func noVerdict(_ code: Int32) {
        #expect(SchemaVerdict(exitCode: code, output: Array("/a\tb\n".utf8)) == nil)
    }

    @Test func errors() {
        let fault = SchemaVerdict.Fault(pointer: "/a", message: "is wrong")
        let invalid = SchemaVerdict.invalid([fault, .init(pointer: "", message: "too")])
        #expect(invalid.errors(of: .input).map(\.message) == ["input at /a: is wrong", "input: too"])
        #expect(invalid.errors(ofSchema: .json("{}"), for: .input).isEmpty)
        let bad = SchemaVerdict.badSchema([fault])
        #expect(bad.errors(of: .result).isEmpty)
        #expect(
            bad.errors(ofSchema: .json("{}"), for: .result).map(\.description) == [
                "'output_schema' at /a: is wrong"
            ])
        #expect(
            bad.errors(ofSchema: .file("s.json"), for: .input).map(\.description) == ["s.json: at /a: is wrong"])
    }
}
