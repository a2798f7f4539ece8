import Foundation
import Testing

@Suite struct InitTests {
    @Test func makesATreeOnceAndLeavesWhatIsThere() async throws {
        let spool = try await TestSpool()
        #expect(spool.list("spool") == ["active", "bobbin.yaml", "control", "history", "inbox", "outbox", "state"])
        #expect(spool.list("spool/inbox") == ["default"])
        try spool.write("spool/bobbin.yaml", "slots: 1\n")
        let again = try await spool.bobbin("init", "spool")
        #expect(again.code == 0, "\(again.errors)")
        #expect(
            try String(contentsOf: spool.spool.appendingPathComponent("bobbin.yaml"), encoding: .utf8) == "slots: 1\n")
    }

    @Test func settingsAreTheShippedOnes() async throws {
        let spool = try await TestSpool()
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("spool/bobbin.yaml")
        let made = try String(contentsOf: spool.spool.appendingPathComponent("bobbin.yaml"), encoding: .utf8)
        #expect(try made == String(contentsOf: shipped, encoding: .utf8))
        let config = try await spool.bobbin("config")
        #expect(config.code == 0, "the shipped settings are valid: \(config.errors)")
    }

    @Test func saysWhatToDoNext() async throws {
        let spool = try await TestSpool()
        let answer = try await spool.bobbin("init", "spool")
        #expect(answer.output.contains("start the daemon:"))
    }

    /// A user whose group has another name, and a spool that is somebody else's already.
    @Test(.enabled(if: getuid() == 0, "only root gives a spool away")) func namesTheGroupOfTheQueue() async throws {
        let spool = try await TestSpool()
        let given = try await spool.bobbin("init", "given", "--owner", "nobody")
        #expect(given.code == 0, "\(given.errors)")
        #expect(given.output.contains("let others drop:   usermod -aG nogroup USER"), "\(given.output)")
        #expect(chown(spool.directory.appendingPathComponent("given/inbox/default").path, .max, 60) == 0)
        let again = try await spool.bobbin("init", "given")
        #expect(again.output.contains("let others drop:   usermod -aG games USER"), "\(again.output)")
    }

    @Test func unknownOwnerIsNotFound() async throws {
        let spool = try await TestSpool()
        let answer = try await spool.bobbin("init", "other", "--owner", "no-such-user")
        #expect(getuid() == 0 ? answer.code == 66 : answer.code == 64)
        #expect(spool.list("other").isEmpty)
    }
}
