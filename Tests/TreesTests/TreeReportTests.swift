internal import Linux
internal import Testing
internal import Trees

@Suite struct TreeReportTests {
    private var example: TreeReport {
        var report = TreeReport()
        report.entries = 12
        report.bytes = 345
        report.note(exceeded: .output)
        report.note(exceeded: .output)
        report.note(exceeded: .outputFiles)
        report.note(
            TreeProblem(.linkLeaves, kind: .link, path: Array("a\tb\n\\é".utf8) + [0xFF, 0], detail: "is a\tlink"))
        report.note(TreeProblem(.empty, path: [], detail: "holds nothing"))
        return report
    }

    @Test func roundTrip() {
        #expect(TreeReport(text: Array(example.text.utf8)) == example)
        #expect(TreeReport(text: Array(TreeReport().text.utf8)) == TreeReport())
    }

    @Test func fullOfTheLongest() {
        var report = TreeReport()
        for _ in 0..<300 {
            report.note(
                TreeProblem(
                    .badName, kind: .blockDevice, path: [UInt8](repeating: 0xFF, count: 100_000),
                    detail: String(repeating: "\u{1}é", count: 1000)))
        }
        let text = Array(report.text.utf8)
        #expect(text.count <= TreeReport.maximumText)
        let read = TreeReport(text: text)
        #expect(read?.problemCount == 300)
        #expect(read?.text == report.text)
    }

    @Test func everyCutIsNoticed() {
        let text = Array(example.text.utf8)
        for length in 0..<text.count { #expect(TreeReport(text: Array(text[..<length])) == nil) }
    }

    @Test(arguments: [
        "", "\n", "tree 1\nend\n", "tree 2\nentries\t0\nbytes\t0\nproblems\t0\nend\n",
        "tree 1\nentries\t-1\nbytes\t0\nproblems\t0\nend\n",
        "tree 1\nentries\t99999999999999999999\nbytes\t0\nproblems\t0\nend\n",
        "tree 1\nentries\t9223372036854775808\nbytes\t0\nproblems\t0\nend\n",
        "tree 1\nentries\t+1\nbytes\t0\nproblems\t0\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t1\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t0\nexceeded\tx\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t1\nproblem\tnew_code\tfile\tp\td\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t1\nproblem\tempty\tthing\tp\td\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t1\nproblem\tempty\tfile\t\\x4\td\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t1\nproblem\tempty\tfile\t\\n\td\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t1\nproblem\tempty\tfile\tp\td\te\nend\n",
        "tree 1\nentries\t0\nbytes\t0\nproblems\t0\n\nend\n", "tree 1\nentries\t0\nbytes\t0\nproblems\t0\nend\nend\n",
    ])
    func hostile(text: String) {
        #expect(TreeReport(text: Array(text.utf8)) == nil)
    }
}
