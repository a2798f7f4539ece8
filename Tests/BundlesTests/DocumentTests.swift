import Bundles
import Runs
import Testing

@Suite struct DocumentTests {
    static func read(_ text: String, _ format: Document.Format = .yaml) -> Document {
        Document(reading: Array(text.utf8), file: "f", format: format)
    }

    @Test func positionsCountCharacters() {
        let document = Self.read("ä: [1, \"é\"]\nüü:\n  - x\n")
        #expect(document.errors.isEmpty)
        #expect(document.root?["ä"]?.elements?[1].position == Position(line: 1, column: 8))
        #expect(document.root?["üü"]?.elements?[0].position == Position(line: 3, column: 5))
        let json = Self.read("{\"ä\": [1,\n \"é\", 2]}", .json)
        #expect(
            json.root?["ä"]?.elements?.map(\.position) == [
                .init(line: 1, column: 8), .init(line: 2, column: 2), .init(line: 2, column: 7),
            ])
    }

    @Test(arguments: [
        ("a: &x 1", ["f:1:4: anchors are not allowed"]),
        ("a: !!str 1", ["f:1:4: tags are not allowed"]),
        (
            "a: &x [1]\nb: *x",
            ["f:1:4: anchors are not allowed", "f:2:4: aliases are not allowed; write the value again"]
        ),
        (
            "a: 1\na: 2\nb: 1\nb: 2",
            ["f:2:1: repeated key 'a', first on line 1", "f:4:1: repeated key 'b', first on line 3"]
        ),
        ("[1]: 2", ["f:1:1: a key must be a text"]),
        ("a: 1\n---\nb: 2", ["f:2:1: a second document begins here; only one is allowed"]),
        ("a: [1", ["f:2:1: did not find expected ',' or ']' while parsing a flow sequence"]),
        ("a: \u{1}", ["f:1:4: control characters are not allowed"]),
        ("a: \"\\ud83d\"", ["f:1:4: half of a surrogate pair is no character"]),
        (
            "a: \"\\ud83d \\ue900\"",
            ["f:1:7: found invalid Unicode character escape code while parsing a quoted scalar"]
        ),
    ])
    func yamlErrors(_ text: String, _ expected: [String]) {
        #expect(Self.read(text).errors.map(\.description) == expected)
    }

    @Test(arguments: [
        "{\"a\": 1,}", "[1,]", "[1 2]", "{a: 1}", "{'a': 1}", "[01]", "[1.]", "[.5]", "[+1]", "[NaN]", "[Infinity]",
        "[0x10]",
        "", " ", "[1] 2", "{} {}", "# x\n{}", "\"a\nb\"", "\"\\x41\"", "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"",
        "\"\\ude00\\ud83d\"",
        "tru", "nul", "-", "1e", "1e+", "[", "{", "{\"a\"", "{\"a\":", "\"", "\"\\", "[1,", "---\n{}",
        "{\"a\":1}\n---\n",
    ])
    func strictJSON(_ text: String) {
        let document = Self.read(text, .json)
        #expect(document.errors.map(\.code) == ["syntax"])
        #expect(document.root == nil)
    }

    @Test func jsonOfEveryKind() {
        let text =
            "\t{ \"t\": true, \"n\": null, \"i\": -12, \"f\": 1.50E+3, \"s\": \"\\u00e9\\ud83d\\ude00\\/\\n\", \"o\": {}, \"l\": [] }\r\n"
        let root = Self.read(text, .json).root
        #expect(root?["t"]?.boolean == true)
        #expect(root?["n"]?.isNull == true)
        #expect(root?["i"]?.integer == -12)
        #expect(root?["s"]?.text == "é😀/\n")
        #expect(root?["l"]?.elements == [])
        let longKey = String(repeating: "k", count: 5000)
        #expect(Self.read("{\"\(longKey)\"\n:\n1, \"\u{7F}\": 2}", .json).root?[longKey]?.integer == 1)
    }

    @Test func surrogatesInYAML() {
        let document = Self.read("a: \"\\ud83d\\uDE00\"\nb: '\\ud83d'\nc: \\uD83D\\ude00 # \\ud800\n")
        #expect(document.errors.isEmpty)
        #expect(document.root?["a"]?.text == "😀")
        #expect(document.root?["b"]?.text == "\\ud83d")
        #expect(document.root?["c"]?.text == "\\uD83D\\ude00")
    }

    @Test(arguments: [
        ("", CoreValue.null), ("~", .null), ("Null", .null), ("true", .boolean(true)), ("FALSE", .boolean(false)),
        ("yes", .text), ("no", .text), ("on", .text), ("y", .text), ("010", .integer(10)), ("0o10", .integer(8)),
        ("0x1F", .integer(31)), ("-0x1F", .text), ("+5", .integer(5)), ("-5", .integer(-5)), ("12:30", .text),
        ("1_000", .text),
        ("1.5", .number), (".5", .number), ("1.", .number), ("1e999", .number), (".", .text), ("-", .text),
        ("1e", .text),
        (".inf", .notFinite), ("-.INF", .notFinite), (".nan", .notFinite), ("nan", .text), ("inf", .text),
        ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number),
        ("-9223372036854775808", .integer(.min)),
        ("0xFFFFFFFFFFFFFFFF", .number), ("2024-01-01", .text), ("0b1", .text), ("=", .text), ("<<", .text),
    ])
    func coreSchema(_ text: String, _ value: CoreValue) {
        #expect(Node.Scalar(text: text, isPlain: true).value == value)
        #expect(Node.Scalar(text: text, isPlain: false).value == .text)
    }

    @Test func marksAndOtherEncodings() {
        #expect(
            Document(reading: [0xEF, 0xBB, 0xBF] + Array("a: 1".utf8), file: "f", format: .yaml).root?["a"]?.position
                == .init(line: 1, column: 4))
        #expect(Document(reading: [0xEF, 0xBB, 0xBF] + Array("{}".utf8), file: "f", format: .json).errors.isEmpty)
        #expect(
            Document(reading: [0xFF, 0xFE, 0x61, 0x00], file: "f", format: .yaml).errors.map(\.description) == [
                "f:1:1: is not UTF-8 here"
            ])
        #expect(
            Document(reading: Array("a: é\nb: ".utf8) + [0xC3], file: "f", format: .yaml).errors.map(\.description) == [
                "f:2:4: is not UTF-8 here"
            ])
        #expect(Document(reading: [0x61, 0x3A, 0x20, 0], file: "f", format: .yaml).errors.map(\.code) == ["syntax"])
    }

    @Test func twinsAreTwoKeys() {
        #expect(Self.read("{\"\u{E9}\": 1, \"e\u{301}\": 2}", .json).errors.isEmpty)
        #expect(
            Self.read("{\"a\": 1, \"a\": 2}", .json).errors.map(\.description) == [
                "f:1:10: repeated key 'a', first on line 1"
            ])
    }

    @Test(arguments: [Document.Format.yaml, .json])
    func levels(_ format: Document.Format) {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(Self.read(nested(64), format).errors.isEmpty)
        #expect(Self.read(nested(65), format).errors.map(\.description) == ["f:1:65: is deeper than 64 levels here"])
        #expect(Self.read(String(repeating: "[", count: 100_000), format).errors.map(\.code) == ["too_deep"])
        #expect(Self.read(String(repeating: "{\"a\":", count: 50_000), format).errors.count == 1)
    }

    /// Each is quadratic or exponential for a reader that is not careful; all 256 KiB of them take well under a second each.
    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            String(repeating: "- ", count: 130_000), String(repeating: "? ", count: 130_000),
            String(repeating: "{a: ", count: 60_000), String(repeating: "a: {", count: 60_000),
            String(repeating: "[", count: 262_000), String(repeating: "-\n", count: 130_000),
            String(repeating: "&a ", count: 80_000),
            String(repeating: "*a ", count: 80_000), String(repeating: "\"", count: 262_000),
            String(repeating: "a\n", count: 130_000),
            String(repeating: "!<", count: 130_000), String(repeating: " ", count: 262_000),
            String(repeating: "#", count: 262_000),
            "[" + String(repeating: "a,", count: 130_000) + "]", "[" + String(repeating: "[],", count: 80_000) + "]",
            "a: \"" + String(repeating: "\\ud83d\\ude00", count: 20_000) + "\"",
            String(repeating: "k: 1\n", count: 50_000),
            "a: &a [" + String(repeating: "*a,", count: 80_000) + "]",
            "a: |\n" + String(repeating: " \n", count: 120_000),
            "a: " + String(repeating: "9", count: 260_000), "a: 0x" + String(repeating: "f", count: 260_000),
            String(repeating: "%YAML 1.2\n", count: 25_000), String(repeating: "--- \n", count: 50_000),
        ])
    func hostileTexts(_ text: String) {
        let clock = ContinuousClock()
        for format in [Document.Format.yaml, .json] {
            let time = clock.measure { #expect(Self.read(text, format).errors.count <= 101) }
            #expect(time < .seconds(5), "\(text.prefix(8))… took \(time)")
        }
    }

    @Test func size() {
        let bytes = [UInt8](repeating: 0x5B, count: 100_000_000)
        #expect(
            Document(reading: bytes, file: "f", format: .yaml).errors.map(\.description) == [
                "f:1:1: is 100000000 bytes; at most 256KiB is allowed"
            ])
    }

    @Test func emptyTexts() {
        #expect(Self.read("").errors.isEmpty)
        #expect(Self.read("# nothing\n").root == nil)
    }
}
