import Foundation
import Testing

/// Bundles that say what their input and their result are like, as whoever drops them sees it.
@Suite(.inTurn)
struct SchemaTests {
    private static let rows = """
        input_schema:
          type: array
          items: {type: object, required: [id], properties: {id: {type: integer}}}

        """
    private static let settings = Brisk.settings(slots: 4, "queues: {strict: {require_output_schema: true}}")

    @Test("An input is checked before anything runs", arguments: TemporarySpool.Mode.possible)
    func input(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Self.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("good", files: ["manifest.yaml": Self.rows + "input: [{id: 1}]", "main.sh": "cat"])
            let good = try await spool.result(of: "good")
            #expect(good.state == "succeeded" && good.stdout == #"[{"id":1}]"#, "\(good)")

            try spool.drop("bad", files: ["manifest.yaml": Self.rows + "input: [{id: 1}, {id: x}]", "main.sh": "cat"])
            let bad = try await spool.result(of: "bad")
            #expect(bad.state == "invalid_input")
            #expect(bad.errorCodes == ["schema"])
            #expect(bad.messages == "input at /1/id: must be of type integer; this is 'x'")
            #expect(bad.reason == bad.messages)
            #expect(bad.stdout.isEmpty && !bad.has("exit_code") && !bad.has("files") && !bad.has("sent"))
            #expect(bad.text("manifest.json")?.contains("input_schema") == true)
            #expect((bad.status["bundle_sha256"] as? String)?.count == 64)

            // A file of the bundle against a file of the bundle; and no input counts as null.
            let schema = #"{"$schema": "http://json-schema.org/draft-07/schema#", "type": ["array", "null"]}"#
            let manifest = "input_schema: {file: schemas/in.json}\n"
            try spool.drop(
                "file",
                files: [
                    "manifest.yaml": manifest + "input: {file: in.json}", "in.json": "{", "schemas/in.json": schema,
                    "main.sh": ":",
                ])
            let file = try await spool.result(of: "file")
            #expect(file.state == "invalid_input" && file.messages.hasPrefix("input: is no JSON: line 1"), "\(file)")
            try spool.drop("none", files: ["manifest.yaml": manifest, "schemas/in.json": schema, "main.sh": ":"])
            #expect(try await spool.result(of: "none").state == "succeeded")
        }
    }

    @Test("A schema that cannot be used makes no bundle", arguments: TemporarySpool.Mode.possible)
    func badSchemas(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Self.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "bad",
                files: [
                    "manifest.yaml": """
                    input_schema: {$schema: "https://json-schema.org/draft/2020-12/schema"}
                    output_schema: {file: out.json}
                    """, "main.sh": ":",
                    "out.json": ##"{"properties": {"a": {"type": "int"}, "b": {"$ref": "file:///etc/passwd"}}}"##,
                ])
            let bad = try await spool.result(of: "bad")
            #expect(bad.state == "rejected" && bad.has("sent"))
            #expect(bad.errorCodes == ["bad_schema", "bad_schema", "bad_schema"])
            #expect(bad.messages.contains("'input_schema' at /$schema: this is a schema of draft 2020-12"))
            #expect(bad.errors.map { $0["file"] as? String } == [nil, "out.json", "out.json"])
            #expect(bad.messages.contains("at /properties/a/type: is none of the values of 'enum'"))
            #expect(bad.messages.contains("at /properties/b/$ref: 'file:///etc/passwd' is outside of this schema"))

            try spool.drop("missing", files: ["manifest.yaml": "output_schema: {file: no.json}", "main.sh": ":"])
            let missing = try await spool.result(of: "missing")
            #expect(missing.state == "rejected" && missing.errorCodes == ["missing_file"], "\(missing)")

            try await spool.makeQueue("strict")
            try spool.drop("lax", files: ["main.sh": ":"], queue: "strict")
            let lax = try await spool.result(of: "lax", queue: "strict")
            #expect(lax.state == "rejected" && lax.errorCodes == ["not_allowed"], "\(lax)")
        }
    }

    struct Output: Sendable, CustomTestStringConvertible {
        var schema = #"{type: object, required: [n], properties: {n: {maximum: 5}}}"#
        var script: String
        var state: String
        var reason = ""
        var testDescription: String { script }
    }

    static let outputs = [
        Output(script: #"echo '{"n": 5}' >$BOBBIN_RESULT"#, state: "succeeded"),
        Output(
            script: #"echo '{"n": 7}' >$BOBBIN_RESULT"#, state: "invalid_output",
            reason: "result at /n: expected number less than or equal to 5; this is 7"),
        Output(script: "echo '{\"n\":' >$BOBBIN_RESULT", state: "invalid_output", reason: "result: is no JSON"),
        Output(script: ":", state: "invalid_output", reason: "it left none"),
        Output(script: "exit 3", state: "failed"),
        Output(
            schema: "true", script: "printf '%0600d' 0 | tr 0 '[' >$BOBBIN_RESULT", state: "invalid_output",
            reason: "result: cannot be checked: it is nested more than 500 levels deep"),
        Output(
            schema: "{pattern: '^(a+)+$'}", script: "echo '\"\(String(repeating: "a", count: 60))b\"' >$BOBBIN_RESULT",
            state: "invalid_output", reason: "takes too many steps"),
    ]

    @Test("A result is checked when the run is over, and kept", arguments: outputs)
    func output(_ one: Output) async throws {
        try await withDaemon(settings: Self.settings) { daemon in
            try await daemon.spool.makeQueue("strict")
            try daemon.spool.drop(
                "out", files: ["manifest.yaml": "output_schema: \(one.schema)", "main.sh": one.script], queue: "strict")
            let result = try await daemon.spool.result(of: "out", queue: "strict")
            #expect(result.state == one.state, "\(result)")
            #expect(one.reason.isEmpty || result.reason.contains(one.reason), "\(result)")
            #expect(result.has("result.json") == one.script.contains("BOBBIN_RESULT"))
            let isInvalid = one.state == "invalid_output" && result.has("result.json")
            #expect(result.errorCodes == (isInvalid ? ["schema"] : []))
        }
    }

    @Test("A file that is the result is checked, rootless as well", arguments: TemporarySpool.Mode.possible)
    func outputFile(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Self.settings) { daemon in
            let manifest = "result: {file: out.json}\noutput_schema: {items: {type: string}}"
            try daemon.spool.drop("file", files: ["manifest.yaml": manifest, "main.sh": "echo '[1]' >out.json"])
            let result = try await daemon.spool.result(of: "file")
            #expect(result.state == "invalid_output", "\(result)")
            #expect(result.messages == "result at /0: must be of type string; this is 1")
            #expect(result.text("files/out.json") == "[1]\n")
        }
    }

    @Test("A result of 100 MB that takes all the memory there is for a check does nothing to the daemon")
    func hostile() async throws {
        try await withDaemon(settings: Self.settings) { daemon in
            let script = "{ printf '['; yes '[],' | head -n 24000000 | tr -d '\\n'; printf '0]'; } >$BOBBIN_RESULT"
            try daemon.spool.drop(
                "big", files: ["manifest.yaml": "output_schema: {type: array}", "main.sh": script])
            try daemon.spool.drop("plain", files: ["main.sh": script])
            let big = try await daemon.spool.result(of: "big")
            #expect(big.state == "invalid_output" && big.reason.contains("memory"), "\(big)")
            // Whether it is JSON at all can be said of any size.
            #expect(try await daemon.spool.result(of: "plain").state == "succeeded")
            #expect(daemon.peakMemory < 100 * 1024)
        }
    }

    @Test("check and submit make the same judgement")
    func commands() async throws {
        try await withDaemon(settings: Self.settings) { daemon in
            let spool = daemon.spool
            let bad = try spool.makeDirectory(["manifest.yaml": Self.rows + "input: [{}]", "main.sh": "cat"])
            for command in ["check", "submit"] {
                let answer = try await spool.bobbin(command, bad)
                #expect(answer.code == 65, "\(answer)")
                #expect(answer.output.contains("input at /0: missing required property 'id'"), "\(answer)")
            }
            let good = try spool.makeDirectory(["manifest.yaml": Self.rows + "input: [{id: 2}]", "main.sh": "cat"])
            #expect(try await spool.bobbin("check", good).code == 0)
            let schema = try spool.makeDirectory([
                "manifest.yaml": "output_schema: {file: s}", "s": "{", "main.sh": "cat",
            ])
            let answer = try await spool.bobbin("check", schema)
            #expect(answer.code == 65 && answer.output.contains("s: is no JSON"), "\(answer)")
        }
    }
}
