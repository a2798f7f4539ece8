import Bundles
import Linux
import Runs
import Testing

/// PEP 723 in a script that is sent alone.
@Suite struct InlineMetadataTests {
    private func script(_ metadata: String, before: String = "#!/usr/bin/env python3\n") -> String {
        before + "# /// script\n"
            + metadata.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "#\n" : "# \($0)\n" }
            .joined() + "# ///\nprint(1)\n"
    }

    private func judged(_ text: String) throws -> Judgement { try judge([("report.py", text)], script: "report.py") }

    private func manifest(_ metadata: String) throws -> Manifest {
        let judgement = try judged(script(metadata))
        guard case .accepted(let manifest, let notes) = judgement else {
            Issue.record("rejected: \(judgement.messages)")
            throw Rejected()
        }
        #expect(notes.isEmpty)
        return manifest
    }

    @Test func keysOfAManifest() throws {
        let manifest = try manifest(
            """
            [tool.other]
            key = 1

            [tool.bobbin]
            title = "Monthly \\"report\\""
            timeout = "1h30m"
            priority = 7
            labels = { z = "last", a = "first" }
            args = ["-x", "1"]
            call = "main"
            fail_on_error_log = false

            [tool.bobbin.limits]
            memory = "512MiB"
            cpus = 1.5

            [tool.bobbin.input]
            items = [1, 2.5, "x", [true]]
            when = 2026-11-27T10:00:00Z
            """)
        #expect(manifest.title == "Monthly \"report\"" && manifest.entry == "report.py")
        #expect(manifest.timeout == 5_400_000 && manifest.priority == 7 && manifest.args == ["-x", "1"])
        #expect(Set(manifest.labels.map(\.key)) == ["z", "a"])
        #expect(manifest.call == .main && !manifest.failsOnErrorLog)
        #expect(manifest.limits.memory == 512 << 20 && manifest.limits.millicpus == 1500)
        guard case .json(let input)? = manifest.input else { throw Rejected() }
        #expect(input.hasPrefix(#"{"items":[1,2.5,"x",[true]],"when":"2026-11-27"#), "\(input)")
    }

    @Test func dependencies() throws {
        let manifest = try manifest(
            """
            requires-python = ">=3.9"
            dependencies = [
              "requests<3",
              "Rich",
            ]
            """)
        #expect(manifest.requirements == ["requests<3", "rich"])
        #expect(manifest.python == ">=3.9")
        #expect(try self.manifest("dependencies = []").requirements == [])
    }

    @Test(arguments: [
        ("dependencies = [\"rich @ https://example.org/rich.whl\"]", "report.py:3:19: "),
        ("\ndependencies = [\"x\", \"-r other.txt\"]", "report.py:4:24: "),
        ("requires-python = \"3\"", "report.py:3:21: 'python' must be versions"),
        ("dependencies = \"rich\"", "report.py:3:18: 'requirements' must be a list"),
        (
            "dependencies = [\"rich\"]\n[tool.bobbin]\nrequirements = [\"x\"]",
            "report.py:5:3: 'requirements' is said by"
        ),
    ]) func aDependencyThatCannotBeIsRefused(_ metadata: String, _ message: String) throws {
        let messages = try judged(script(metadata)).messages
        #expect(messages.count == 1 && messages[0].hasPrefix(message), "\(messages)")
    }

    @Test(arguments: [
        ("[tool.bobbin]\n\ntimout = \"1h\"", "report.py:5:3: unknown key 'timout'; did you mean 'timeout'?"),
        ("[tool.bobbin]\npriority = 700", "report.py:4:14: 'priority' is 700; at most 99 is allowed"),
        (
            "[tool.bobbin.limits]\ncpus = 1\nmemory = \"x\"",
            "report.py:5:12: 'memory' must be a size as 512KiB, 64MiB or 1GB; this is 'x'"
        ),
        ("tool.bobbin.limits.cpus = \"x\"", "report.py:3:29: 'cpus' must be a number as 2 or 1.5; this is 'x'"),
        ("[tool]\nbobbin = 1", "report.py:4:3: 'tool.bobbin' must be a table"),
        ("[tool.bobbin]\nlabels = {a = 1, b = [2]}", "report.py:4:24: 'b' must be a text; this is a list"),
        (
            "name = \"x\"",
            "report.py:3:3: unknown key 'name'; there are 'dependencies' and 'requires-python', and a manifest's keys in [tool.bobbin]"
        ),
        (
            "[tool.bobbin]\nentry = \"other.py\"",
            "report.py:4:11: the 'entry' of a single script is the script; leave it out"
        ),
    ]) func anErrorNamesTheKeysLine(_ metadata: String, _ message: String) throws {
        let messages = try judged(script(metadata)).messages
        #expect(messages.contains(message), "\(messages)")
    }

    @Test func aSyntaxErrorIsReportedAlone() throws {
        let messages = try judged(script("[tool.bobbin]\ntimeout = \"1h\npriority = 1")).messages
        #expect(messages.count == 1 && messages[0].hasPrefix("report.py:4:"), "\(messages)")
        #expect(messages[0].contains("inline metadata: "))
        let twice = try judged(script("[tool.bobbin]\npriority = 1\npriority = 2")).messages
        #expect(twice.count == 1 && twice[0].hasPrefix("report.py:5:"), "\(twice)")
    }

    @Test func formsOfTOML() throws {
        let manifest = try manifest(
            #"""
            # a comment
            [tool.bobbin] # another
            "title" = 'C:\raw "text"'
            args = [ "\u00e9\t\"", # the first
              """
            two
            lines""", '''it's''',
            ]
            env = {A = "1", "B" = "x"}
            [tool.bobbin.input]
            numbers = [0x1F, 0b11, 1_000, -1.5e3, +7]
            times = [1979-05-27T07:32:00Z, 1979-05-27 07:32:00, 1979-05-27, 07:32:00]
            deep.er = true
            [[tool.bobbin.outputs]]
            path = "a"
            [[tool.bobbin.outputs]]
            path = "b"
            required = true
            """#)
        #expect(manifest.title == #"C:\raw "text""#)
        #expect(manifest.args == ["\u{e9}\t\"", "two\nlines", "it's"])
        #expect(manifest.env.map(\.key) == ["A", "B"])
        #expect(
            manifest.input
                == .json(
                    #"{"numbers":[31,3,1000,-1.5e3,7],"times":["1979-05-27T07:32:00Z","1979-05-27T07:32:00","1979-05-27","07:32:00"],"deep":{"er":true}}"#
                ))
        #expect(manifest.outputs?.map(\.path) == ["a", "b"])
    }

    @Test(arguments: [
        "a", "a =", "= 1", "a = 1 2", "a = \"x", "a = 'x", "a = \"\"\"x", "a = [1", "a = [1 2]", "a = {b = 1",
        "a = {b}", "[a", "[]", "[[a]",
        "a = yes", "a = 1__0", "a = _1", "a = 01x", "a = \"\\q\"", "a = \"\\u12\"", "a = \"\\uD800\"", "a.b = 1\na = 2",
        "[a]\n[a]",
        "a = 1\n[a.b]", "[\u{FFFD}x]", "a = 0x", "a = .", "a..b = 1", "\u{E9} = 1",
        "a = 010", "a = -01", "a = 1.", "a = .5", "a = \"\\e\"",
    ]) func whatIsNoTOMLIsRefused(_ text: String) throws {
        let errors = try judged(script(text)).codes
        #expect(errors == ["syntax"] || errors == ["repeated_key"], "\(errors)")
    }

    @Test func whatIsNoBlockIsAComment() throws {
        for text in [
            "# /// script\n# priority = 1\nprint(1)\n", "# /// script\n# [tool.bobbin]\n\n# ///\n",
            "#/// script\n# x\n# ///\n",
            "  # /// script\n# x\n# ///\n", "# /// other\n# x\n# ///\n", "# /// script\n#x\n# ///\n",
        ] {
            guard case .accepted = try judged(text) else {
                Issue.record("\(text): \(try judged(text).messages)")
                continue
            }
        }
        // The block ends at the last line that can end it.
        #expect(try judged("# /// script\n# [tool.bobbin]\n# ///\n# priority = 0\n# ///\n").codes == ["syntax"])
        #expect(try judged(script("[tool.bobbin]\npriority = 1").replacing("\n", with: "\r\n")).codes == [])
    }

    @Test func twoBlocksAreAnError() throws {
        let text = script("[tool.bobbin]\npriority = 1") + script("[tool.bobbin]\npriority = 2", before: "")
        #expect(
            try judged(text).messages == [
                "report.py:7:1: a script has one block of inline metadata; the first is in line 2"
            ])
    }

    @Test func depthAndSizeAreLimited() throws {
        let deep = "[tool.bobbin]\ninput = " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(try judged(script(deep)).codes == ["too_deep"])
        let deeper = "[tool.bobbin]\ninput = " + String(repeating: "[", count: 20_000)
        #expect(try judged(script(deeper)).messages.count == 1)
    }

    @Test func inABundleTheManifestCounts() throws {
        let text = script("[tool.bobbin]\npriority = 1")
        guard case .accepted(let manifest, let notes) = try judge([("main.py", text)]) else { throw Rejected() }
        #expect(manifest.priority == 50)
        #expect(
            notes.map(\.description) == [
                "main.py:2: inline metadata counts in a script that is sent alone; of a bundle, manifest.yaml does"
            ])
        #expect(try judge([("x.sh", text)], script: "x.sh").codes == [])
    }
}
