import Foundation
import Testing

/// The bundles of examples/, run by the daemon; their results compared with what is expected, and with the same computed another way.
@Suite struct ExamplesTests {
    private static let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// What is dropped, by the name of its bundle, and the program without which it cannot run here.
    private static let examples: [(name: String, entry: String, program: String)] = [
        ("hello", "hello.py", "python3"), ("fails", "fails.sh", "sh"), ("slow", "slow", "sh"),
        ("find-duplicates", "find-duplicates", "python3"), ("monthly-report", "monthly-report", "python3"),
        ("log-digest", "log-digest", "sh"), ("growth-curve", "growth-curve", "Rscript"),
        ("json-to-table", "json-to-table", "node"), ("loan-plan", "loan-plan", "python3"),
        ("new-orders", "new-orders", "python3"), ("station-rows", "station-rows", "python3"),
        ("dose-summary", "dose-summary", "Rscript"), ("word-counts", "word-counts", "node"),
        ("primes", "primes.py", "python3"),
    ]

    @Test(.needs("Rscript", "node", "python3")) func resultsAreWhatTheyShouldBe() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            for example in Self.examples {
                let copy = spool.freshScratch()
                try await Command.check(["cp", "-r", "\(Self.checkout)/examples/\(example.entry)", copy])
                if spool.owner != getuid() { try await Command.check(["chown", "-R", "\(getuid())", copy]) }
                try spool.move(copy, to: example.entry)
            }
            for example in Self.examples {
                let result = try await spool.result(of: example.entry, name: example.name)
                let compared = try await Command.run(
                    ["\(Self.checkout)/examples/compare.sh", example.name, result.path])
                #expect(compared.code == 0, "\(compared.output)\n\(result)")
            }
            let judged = try await Command.run(
                ["python3", "\(Self.checkout)/Tests/examples/check.py", spool.outbox()]
                    + Self.examples.map(\.name))
            #expect(judged.code == 0, "\(judged.output)")
        }
    }

    /// What the README shows first, typed as it stands there.
    @Test func tenLinesOfTheReadme() async throws {
        let readme = try String(contentsOfFile: "\(Self.checkout)/README.md", encoding: .utf8)
        let block = try #require(readme.components(separatedBy: "## Ten lines\n\n```sh\n").dropFirst().first)
        let lines = try #require(block.components(separatedBy: "```").first)
        let directory = "/tmp/bobbin-readme-\(UUID().uuidString)"
        try await Command.check(["mkdir", "-m", "755", directory])
        let script = "PATH='\(BuiltPrograms.directory)':$PATH; umask 022; trap 'kill $!; wait $!' EXIT\n" + lines
        let typed = try await Command.run(["timeout", "60", "sh", "-ec", script], in: directory)
        #expect(typed.code == 0 && typed.output.contains("succeeded\nHello, World\n"), "\(typed.output)")
        try await Command.check(["rm", "-rf", directory])
    }
}
