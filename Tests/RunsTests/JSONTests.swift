import Runs
import Testing

@Suite("JSON with an order")
struct JSONTests {
    @Test(
        "Texts",
        arguments: [
            ("", #""""#), ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\n\r\t", #""\n\r\t""#), ("\0", #""\u0000""#),
            ("\u{1B}[0m", #""\u001b[0m""#), ("\u{7F}\u{85}", #""\u007f\u0085""#),
            ("\u{2028}\u{2029}", #""\u2028\u2029""#),
            ("é😀", #""é😀""#), ("e\u{301}", "\"e\u{301}\""), ("\r\n", #""\r\n""#),
        ])
    func quoted(text: String, json: String) { #expect(Array(JSONWriter.quoted(text).utf8) == Array(json.utf8)) }

    @Test(
        "Milliseconds are seconds with three decimals",
        arguments: [
            (0, "0.000"), (1, "0.001"), (1234, "1.234"), (60_000, "60.000"), (-1, "-0.001"), (-1500, "-1.500"),
            (.max, "9223372036854775.807"), (.min, "-9223372036854775.808"),
        ] as [(Int64, String)])
    func seconds(milliseconds: Int64, text: String) { #expect(JSONWriter.seconds(milliseconds) == text) }

    @Test("Keys stay in their order, on one line or many; what is empty stays on one")
    func shape() {
        func written(pretty: Bool) -> String {
            var object = JSONWriter(pretty: pretty)
            object.add("b", "x")
            object.add("a", 1)
            object.addObject("empty") { _ in }
            object.addArray("list") { array in
                array.addElement("1")
                array.addObject(nil) { $0.add("yes", true) }
                array.addArray(nil) { _ in }
            }
            object.add("raw", json: "[null]")
            return object.finished()
        }
        #expect(written(pretty: false) == #"{"b":"x","a":1,"empty":{},"list":["1",{"yes":true},[]],"raw":[null]}"#)
        #expect(
            written(pretty: true) == """
                {
                  "b": "x",
                  "a": 1,
                  "empty": {},
                  "list": [
                    "1",
                    {
                      "yes": true
                    },
                    []
                  ],
                  "raw": [null]
                }
                """)
        #expect(JSONWriter().finished() == "{}")
        #expect(JSONWriter(pretty: true).finished() == "{}")
    }

    @Test("What was written is read again, in its order")
    func read() throws {
        var object = JSONWriter(pretty: true)
        object.add("b", "é\u{1}\\ \u{1F600}\"/")
        object.add("a", -12)
        object.add("s", seconds: 1234)
        object.addArray("list") { array in
            array.addElement("x")
            array.addObject(nil) { $0.add("yes", true) }
        }
        object.add("raw", json: "[null,1.5e+3,[]]")
        let value = try #require(JSONValue(reading: object.finished().utf8))
        guard case .object(let read) = value else { throw JSONObject.Mismatch(key: "") }
        #expect(read.members.map(\.key) == ["b", "a", "s", "list", "raw"])
        #expect(try read.text("b") == "é\u{1}\\ \u{1F600}\"/")
        #expect(try read.integer("a") == -12)
        #expect(try read.milliseconds("s") == 1234)
        #expect(read["raw"] == .array([.null, .number("1.5e+3"), .array([])]))
        #expect(try read.text("absent") == nil)
        #expect(throws: JSONObject.Mismatch(key: "a")) { try read.text("a") }
        #expect(throws: JSONObject.Mismatch(key: "a")) { () throws -> UInt8? in try read.integer("a") }
        #expect(throws: JSONObject.Mismatch(key: "list")) { try read.objects("list") }
    }

    @Test("Escapes", arguments: [(#""\ud83d\ude00\u00e9\/\b""#, "😀é/\u{8}"), (#" "a" "#, "a")])
    func escapes(json: String, text: String) { #expect(JSONValue(reading: json.utf8) == .text(text)) }

    @Test(
        "What is no JSON is nothing",
        arguments: [
            "", "1 2", "01", "-", "1.", ".5", "1e", "+1", "nul", "truee", "NaN", "[1,]", "{\"a\":1,}", "{a:1}", "'a'",
            "\"a", "\"\\x\"", "\"\\ud800\"", "\"\u{1}\"", "[", "{\"a\"}", String(repeating: "[", count: 100_000),
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        ])
    func noJSON(text: String) { #expect(JSONValue(reading: text.utf8) == nil) }
}
