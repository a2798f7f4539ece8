import Foundation
import Testing

/// Tests/harness tries the harnesses and helper modules by themselves, with far more scripts than there could be runs here.
@Suite(.inTurn, .needs("python3", "Rscript", "node")) struct HarnessFileTests {
    @Test(arguments: ["python", "r", "node"]) func theirOwnTestsPass(_ language: String) async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let tests = try await Command.run(
            [
                "/usr/bin/python3", "-B", "-m", "unittest", "discover", "-s", "\(root)/Tests/harness", "-p",
                "test_\(language)*.py",
            ], in: root)
        #expect(tests.code == 0, "\(tests.output.suffix(4000))")
        #expect(tests.output.contains("\nOK"), "\(tests.output.suffix(4000))")
    }
}
