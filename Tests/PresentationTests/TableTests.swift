import Testing

@testable import Presentation

@Suite struct TableTests {
    @Test func columnsAreAlignedWithoutTrailingSpaces() {
        var table = Table([.init("NAME"), .init("N", right: true), .init("NOTE")])
        table.add(["a", "1", ""])
        table.add(["longer", "100", "x"])
        #expect(
            table.lines(width: nil, tinted: false) == [
                "NAME      N  NOTE",
                "a         1",
                "longer  100  x",
            ])
    }

    @Test func flexibleColumnsGiveWay() {
        var table = Table([.init("A", flexible: true), .init("B")])
        table.add([.init(String(repeating: "x", count: 30)), "12345"])
        let lines = table.lines(width: 20, tinted: false)
        #expect(lines.last == String(repeating: "x", count: 12) + "…  12345")
        #expect(lines.allSatisfy { TextWidth.of($0) <= 20 })
    }

    @Test func aTerminalThatIsTooNarrowStillShowsEverythingElse() {
        var table = Table([.init("A", flexible: true), .init("B")])
        table.add([.init(String(repeating: "x", count: 30)), "12345"])
        #expect(table.lines(width: 3, tinted: false).last == "xxxxxxx…  12345")
    }

    @Test func tintsTakeNoWidth() {
        var table = Table([.init("A"), .init("B")])
        table.add([.init("red", .red), "x"])
        #expect(table.lines(width: nil, tinted: true).last == "\u{1B}[31mred\u{1B}[0m  x")
    }

    @Test(arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("\u{1B}[1m", 3), ("", 0)])
    func widths(text: String, width: Int) { #expect(TextWidth.of(text) == width) }

    @Test(arguments: [("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("漢字漢字", 4, "漢…"), ("abc", 0, "")])
    func cuts(text: String, width: Int, cut: String) { #expect(TextWidth.cut(text, to: width) == cut) }
}
