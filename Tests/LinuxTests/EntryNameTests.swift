import Linux
import Testing

@Suite("Names of entries")
struct EntryNameTests {
    @Test(
        "Only a name of one entry is safe",
        arguments: [
            ("a", true), ("...", true), (".hidden", true), ("-rf", true), ("a b\n", true), ("", false), (".", false),
            ("..", false), ("a/b", false), ("/", false), ("a\0b", false),
        ])
    func safety(text: String, isSafe: Bool) { #expect(EntryName(text).isSafe == isSafe) }

    @Test("A name has at most 255 bytes", arguments: [(255, true), (256, false)])
    func length(count: Int, isSafe: Bool) {
        #expect(EntryName(bytes: [UInt8](repeating: 0x61, count: count)).isSafe == isSafe)
    }

    @Test("Twins by normalisation are two names")
    func twins() {
        #expect(EntryName("\u{E9}") != EntryName("e\u{301}"))
        #expect(Set([EntryName("\u{E9}"), EntryName("e\u{301}")]).count == 2)
        #expect(!EntryName("e\u{301}").hasSuffix("\u{E9}"))
    }

    @Test("Order is that of bytes")
    func order() {
        let names = [EntryName(bytes: [0xFF]), "b", "ab", "a", "B"]
        #expect(names.sorted() == ["B", "a", "ab", "b", EntryName(bytes: [0xFF])])
    }

    @Test("Text only if it is UTF-8")
    func text() {
        #expect(EntryName(bytes: [0xC3, 0xA9]).string == "é")
        #expect(EntryName(bytes: [0xC3]).string == nil)
    }

    @Test(
        "Strangers' bytes are shown without anything that a terminal or a reader would be fooled by",
        arguments: [
            ([0x61, 0x20, 0x7E], "a ~"), (Array("é".utf8), "é"), ([0x0A], #"\x0a"#), ([0x1B, 0x5B], #"\x1b["#),
            ([0x5C], #"\x5c"#), ([0x00], #"\x00"#), ([0x7F], #"\x7f"#), ([0xC2, 0x85], #"\xc2\x85"#),
            (Array("\u{202E}x".utf8), #"\xe2\x80\xaex"#), (Array("\u{2028}".utf8), #"\xe2\x80\xa8"#),
            ([0xC3, 0x61], #"\xc3a"#), ([0xC3, 0xA9, 0xFF], #"\xc3\xa9\xff"#), ([], ""),
        ] as [([UInt8], String)])
    func escapes(bytes: [UInt8], text: String) {
        #expect(escaped(bytes) == text)
        #expect(EntryName(bytes: bytes).description == text)
    }

    @Test("Different names never look the same")
    func injective() {
        var seen: [String: [UInt8]] = [:]
        for first in UInt8.min ... .max {
            for bytes in [[first], [0x5C, 0x78, first], [0xC3, first]] {
                let text = escaped(bytes)
                if let other = seen[text] { #expect(other == bytes) }
                seen[text] = bytes
            }
        }
    }
}
