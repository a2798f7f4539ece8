import Testing

/// THREATS, drops 2: manifests that are no manifests. Each is one error that names the place, or an ordinary run.
@Suite("drops 2: manifests", .sharedDaemon()) struct ManifestThreatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let phrase: String
        var file = "manifest.yaml"
        let content: [UInt8]
        /// The codes of the errors; nil: it runs.
        let codes: [String]?
        /// What the first error's message holds.
        var message = ""

        var testDescription: String { phrase }

        init(
            _ phrase: String, _ text: String, _ codes: [String]?, _ message: String = "", file: String = "manifest.yaml"
        ) {
            self.init(phrase, bytes: Array(text.utf8), codes, message, file: file)
        }

        init(
            _ phrase: String, bytes: [UInt8], _ codes: [String]?, _ message: String = "", file: String = "manifest.yaml"
        ) {
            self.phrase = phrase
            self.file = file
            content = bytes
            self.codes = codes
            self.message = message
        }
    }

    private static let deep = 100_000

    static let texts = [
        Case("empty", "", nil),
        Case("empty JSON", "", ["syntax"], file: "manifest.json"),
        Case("only a comment", "# nothing\n", nil),
        Case("truncated", "title: \"a", ["syntax"]),
        Case("truncated list", "args: [a, b", ["syntax"]),
        Case("truncated JSON", #"{"title": "a", "#, ["syntax"], file: "manifest.json"),
        Case("non-UTF-8", bytes: Array("title: caf".utf8) + [0xE9, 0x0A], ["not_utf8"]),
        Case(
            "non-UTF-8 JSON", bytes: Array("{\"title\": \"".utf8) + [0xFF, 0x22, 0x7D], ["not_utf8"],
            file: "manifest.json"),
        Case("UTF-16", bytes: [0xFF, 0xFE, 0x74, 0x00, 0x3A, 0x00], ["not_utf8"]),
        Case("a BOM", bytes: [0xEF, 0xBB, 0xBF] + Array("title: with a mark\n".utf8), nil),
        Case("duplicate keys", "title: a\ntitle: b\n", ["repeated_key"], "first on line 1"),
        Case("duplicate keys in JSON", #"{"title": "a", "title": "b"}"#, ["repeated_key"], file: "manifest.json"),
        Case("duplicate keys of a text map", "env: {A: 1, A: 2}\n", ["repeated_key"]),
        Case(
            "100,000 levels deep", String(repeating: "[", count: deep) + String(repeating: "]", count: deep),
            ["too_deep"]),
        Case("100,000 levels deep, open", String(repeating: "[", count: deep), ["too_deep"]),
        Case("100,000 levels deep, maps", "input: " + String(repeating: "{a: ", count: 50_000), ["too_deep"]),
        Case(
            "100,000 levels deep JSON", #"{"input": "# + String(repeating: "[", count: deep) + "}", ["too_deep"],
            file: "manifest.json"),
        Case("an alias bomb", bomb, [], "aliases are not allowed"),
        Case(
            "an alias bomb as a key", "a: &a [x, x]\nb: &b [*a, *a]\n? [*b, *b]\n: 1\n", [], "aliases are not allowed"),
        Case("an alias to itself", "input: &a [*a]\n", [], "aliases are not allowed"),
        Case("an unknown version of YAML", "%YAML 7.0\n---\ntitle: x\n", ["syntax"]),
        Case("an unknown version of manifests", "version: 99\ntitle: x\n", ["unknown_key"], "unknown key 'version'"),
        Case("two documents", "title: x\n---\ntitle: y\n", ["syntax"]),
        Case("NUL", "title: \"a\0b\"\n", ["syntax"]),
        Case("a tag", "title: !!python/object:os.system x\n", ["syntax"]),
        Case("not a map", "- 1\n", ["wrong_type"]),
    ]

    private static let bomb: String = {
        var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        for level in 1..<30 {
            lines.append(
                "a\(level): &a\(level) [" + (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]")
        }
        return lines.joined(separator: "\n") + "\ninput: *a29\n"
    }()

    static let numbers: [Case] = ["timeout", "limits: {memory", "limits: {processes", "limits: {cpus", "priority"]
        .flatMap { key in
            [".nan", "-1", "0", "1e999", "9223372036854775808", ".inf", "-9223372036854775809", "1e-999"].map { value in
                Case("\(key): \(value)", "\(key): \(value)" + (key.hasPrefix("limits") ? "}" : ""), [])
            }
        }

    @Test("a text that is no manifest", arguments: texts)
    func text(_ item: Case) async throws { try await judge(item) }

    @Test("NaN, negative, 0, 1e999, 2^63", arguments: numbers)
    func number(_ item: Case) async throws { try await judge(item) }

    @Test("100 MB") func large() async throws {
        let daemon = try Daemon.shared
        try await daemon.spool.shell(
            """
            mkdir large; echo 'echo no' > large/main.sh; { echo 'title: x'; head -c 100000000 /dev/zero | tr '\\0' '#'; } > large/manifest.yaml
            mv large $INBOX/
            """)
        let result = try await daemon.spool.result(of: "large")
        #expect(result.state == "rejected")
        #expect(result.errorCodes == ["too_large"], "\(result)")
        daemon.expectWell()
    }

    @Test("two manifests") func two() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("two-manifests", files: ["main.sh": "", "manifest.yaml": "", "manifest.json": "{}"])
        #expect(try await spool.result(of: "two-manifests").errorCodes == ["two_manifests"])
    }

    @Test("all errors at once, each with its place") func allAtOnce() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "all-errors",
            files: [
                "main.sh": "", "manifest.yaml": "timout: 5\nlimits:\n  memory: -1\nentry: ../x\nenv: {BOBBIN_X: 1}\n",
            ])
        let result = try await spool.result(of: "all-errors")
        #expect(result.errors.count == 4)
        #expect(result.errors.compactMap { $0["line"] as? Int } == [1, 3, 4, 5], "\(result)")
        #expect(result.errors.allSatisfy { $0["file"] as? String == "manifest.yaml" && $0["column"] is Int })
        #expect(result.reason.contains("did you mean 'timeout'?"), "\(result)")
    }

    private func judge(_ item: Case) async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let directory = try spool.makeDirectory([
            "main.sh": "echo ran", item.file: String(decoding: item.content, as: UTF8.self),
        ])
        if item.codes?.contains("not_utf8") == true {
            let file = try spool.makeFile(item.content)
            try await spool.shell("mv '\(file)' '\(directory)/\(item.file)'")
        }
        let entry = "manifest-\(directory.split(separator: "/").last ?? "")"
        try spool.move(directory, to: entry)
        let result = try await spool.result(of: entry)
        if let codes = item.codes {
            #expect(result.state == "rejected", "\(result)")
            #expect(result.stdout == "")
            #expect(!result.errors.isEmpty)
            if !codes.isEmpty { #expect(result.errorCodes == codes, "\(result)") }
            #expect(result.messages.contains(item.message), "\(result)")
            #expect(result.has("sent/main.sh"), "what was sent comes back")
        } else {
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.stdout == "ran\n")
        }
        #expect(daemon.isAlive)
    }
}
