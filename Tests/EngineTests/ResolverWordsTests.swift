import Glibc
import Testing

@testable import Engine

/// Why a build failed, out of what pip and uv print.
@Suite struct ResolverWordsTests {
    @Test(arguments: [
        (
            """
            Looking in links: /run/links/0
            ERROR: Could not find a version that satisfies the requirement beta>=7 (from versions: 2.1)
            ERROR: No matching distribution found for beta>=7
            """, "No matching distribution found for beta>=7"
        ),
        (
            """
            Using Python 3.11.2 environment at: /env
            error: No solution found when resolving dependencies
              cause: Because only beta==2.1 is available and you require beta>=7, we can conclude that your requirements are unsatisfiable.
            """,
            "No solution found when resolving dependencies: Because only beta==2.1 is available and you require beta>=7, we can conclude that your requirements are unsatisfiable."
        ),
        (
            """
              × No solution found when resolving dependencies:
              ╰─▶ Because nope was not found in the package registry and you require
                  nope, we can conclude that your requirements are unsatisfiable.

                  hint: Packages were unavailable because the network was disabled.
            """,
            "No solution found when resolving dependencies:: Because nope was not found in the package registry and you require nope, we can conclude that your requirements are unsatisfiable."
        ),
        ("/usr/bin/python3: No module named venv\n\n", "/usr/bin/python3: No module named venv"),
        ("at work\nnote: see above\n", "at work"),
    ])
    func found(_ output: String, _ words: String) {
        #expect(ResolverWords.find(in: Array(output.utf8)) == words)
    }

    @Test func nothing() {
        #expect(ResolverWords.find(in: []) == nil)
        #expect(ResolverWords.find(in: Array("\n  \n".utf8)) == nil)
        let long = ResolverWords.find(in: Array(("ERROR: " + String(repeating: "x", count: 10_000)).utf8))
        #expect(long.map { $0.count < 1000 } == true)
    }
}

/// What a builder says is kept as far as it is worth it, and without what nobody is to see.
@Suite struct BuilderOutputTests {
    private func output(_ text: String, secrets: [String] = []) -> BuilderOutput {
        let output = BuilderOutput(secrets: secrets)
        Array(text.utf8).withUnsafeBytes { output.append($0) }
        return output
    }

    @Test func theLastLineIsShown() {
        let said = output("Collecting a\n\n  Downloading 1%\r  Downloading 2%\r\u{1B}[31mhalf")
        #expect(said.lastLine == "  Downloading 2%")
        said.end(nil)
        #expect(said.lastLine == "\\x1b[31mhalf")
    }

    @Test func secretsAreHidden() {
        let said = output(
            "Looking in indexes: https://me:s3cret@h/\nERROR: s3cret\n", secrets: ["me:s3cret", "s3cret"])
        #expect(said.lastLine == "ERROR: ****")
        #expect(String(decoding: said.text, as: UTF8.self) == "Looking in indexes: https://****@h/\nERROR: ****\n")
    }

    @Test func aFloodIsCutInItsMiddle() {
        let said = BuilderOutput(secrets: [])
        let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
        for _ in 0..<20_000 { line.withUnsafeBytes { said.append($0) } }
        let text = String(decoding: said.text, as: UTF8.self)
        #expect(text.utf8.count < 400 << 10 && text.contains("bytes are left out]"))
    }
}
