import Testing

@testable import Presentation

@Suite struct TerminalFilterTests {
    private func filtered(_ pieces: [[UInt8]]) -> String {
        var filter = TerminalFilter()
        var output: [UInt8] = []
        for piece in pieces { output += filter.filter(piece) }
        return String(decoding: output + filter.finish(), as: UTF8.self)
    }

    @Test(arguments: [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\u{1B}]0;title\u{07}", "\\x1b]0;title\\x07"),
        ("a\rb", "a\\x0db"),
        ("\u{9B}31m", "\\xc2\\x9b31m"),
        ("\u{202E}txt", "\\xe2\\x80\\xaetxt"),
        ("grün 漢字", "grün 漢字"),
    ])
    func controlsBecomeHexadecimal(text: String, shown: String) { #expect(filtered([Array(text.utf8)]) == shown) }

    @Test func whatIsNotUTF8IsShownByByte() {
        #expect(filtered([[0x61, 0xFF, 0x62, 0xC3]]) == "a\\xffb\\xc3")
        #expect(filtered([[0xF0, 0x9F, 0x0A]]) == "\\xf0\\x9f\n")
    }

    @Test func charactersMayBeCutAnywhere() {
        let bytes = Array("ä漢😀\u{1B}é".utf8)
        for cut in bytes.indices {
            #expect(filtered([Array(bytes[..<cut]), Array(bytes[cut...])]) == "ä漢😀\\x1bé")
        }
        #expect(filtered(bytes.map { [$0] }) == "ä漢😀\\x1bé")
    }
}
