import Runs
import Testing

@Suite("Names of queues and bundles")
struct NameTests {
    static let run = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

    @Test(
        "Queues",
        arguments: [
            ("default", true), ("0", true), ("a.b_c-d", true), (String(repeating: "q", count: 64), true), ("", false),
            (String(repeating: "q", count: 65), false), ("Default", false), (".hidden", false), ("-x", false),
            ("_x", false), ("a/b", false), ("a b", false), ("é", false), ("a\0", false), ("..", false),
        ])
    func queues(text: String, isName: Bool) { #expect((QueueName(text) != nil) == isName) }

    @Test(
        "Bundles",
        arguments: [
            ("report", true), ("Report.2026_x-1", true), ("9", true), (String(repeating: "n", count: 128), true),
            (String(repeating: "n", count: 129), false), ("", false), (".report", false), ("-report", false),
            ("_report", false), ("my report", false), ("a/b", false), ("é", false), ("a\n", false),
            ("report.\(run)", false), ("report.\(run).x", true), ("report-\(run)", true), ("\(run)", true),
            (".\(run)", false), ("r.01arz3ndektsv4rrffq69g5fav", true),
        ])
    func bundles(text: String, isName: Bool) { #expect((BundleName(text) != nil) == isName) }

    @Test("The run id at a name's end")
    func suffix() {
        #expect(BundleName.runSuffix(of: Array("report.\(Self.run)".utf8))?.description == Self.run)
        for text in [".\(Self.run)", Self.run, "report\(Self.run)", "report.\(Self.run)x", ""] {
            #expect(BundleName.runSuffix(of: Array(text.utf8)) == nil)
        }
    }

    @Test(
        "Mending makes every other byte an underscore, and a first one that may not be first an x",
        arguments: [
            ("My report.py", "My_report.py"), ("report", "report"), ("-x", "xx"), (".x", "xx"), ("_x", "xx"),
            (" x", "xx"), ("é", "x_"), ("", "x"), ("a/b", "a_b"), ("a\nb\0", "a_b_"),
            (String(repeating: "ä", count: 100), "x" + String(repeating: "_", count: 127)),
            ("report.\(run)", "report_\(run)"),
        ])
    func mending(text: String, name: String) {
        #expect(BundleName(mending: text.utf8).description == name)
        // Whatever comes out is a name itself.
        #expect(BundleName(name)?.description == name)
    }

    @Test("Whatever is mended is a name")
    func mendingAnything() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let count = Int.random(in: 0...300, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            if Bool.random(using: &generator) { bytes += Array(".\(Self.run)".utf8) }
            let mended = BundleName(mending: bytes)
            #expect(BundleName(mended.description) == mended, "\(bytes)")
        }
    }
}
