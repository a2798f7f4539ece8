import Foundation
import Runs
import Testing

@Suite struct ControlTests {
    @Test func pauseAndResume() async throws {
        let spool = try await TestSpool()
        try FileManager.default.createDirectory(
            at: spool.spool.appendingPathComponent("inbox/nightly"), withIntermediateDirectories: false)
        #expect(try await spool.bobbin("pause", "nightly").output == "nightly is paused\n")
        #expect(spool.list("spool/control/pause") == ["nightly"])
        #expect(try await spool.bobbin("ps").output.contains("paused: nightly"))
        #expect(try await spool.bobbin("pause").code == 0)
        #expect(spool.list("spool/control/pause") == ["default", "nightly"])
        #expect(try await spool.bobbin("resume", "nightly").output == "nightly goes on\n")
        #expect(try await spool.bobbin("resume", "nightly").output == "nightly was not paused\n")
        #expect(try await spool.bobbin("resume").code == 0)
        #expect(spool.list("spool/control/pause").isEmpty)
        let unknown = try await spool.bobbin("pause", "nope")
        #expect(unknown.code == 66)
        #expect(unknown.errors.contains("default, nightly"))
    }

    @Test func drain() async throws {
        let spool = try await TestSpool()
        #expect(try await spool.bobbin("drain").code == 0)
        #expect(spool.list("spool/control").contains("drain"))
        #expect(try await spool.bobbin("ps").output.contains("draining"))
        #expect(try await spool.bobbin("drain", "--off").output == "spool goes on\n")
        #expect(try await spool.bobbin("drain", "--off").output == "spool was not draining\n")
        #expect(!spool.list("spool/control").contains("drain"))
    }

    @Test func cancelWritesTheWholeId() async throws {
        let spool = try await TestSpool()
        let waiting = try TestSpool.status("a", .queued)
        let running = try TestSpool.status("b", .running)
        try spool.show(waiting)
        try spool.show(running)
        #expect(try await spool.bobbin("cancel", "a", "b").code == 0)
        #expect(spool.list("spool/control/cancel") == [waiting.run, running.run].sorted().map(\.description))
    }

    @Test func whatIsOverIsNotCancelled() async throws {
        let spool = try await TestSpool()
        try spool.publish(TestSpool.status("a", .succeeded, code: 0))
        let running = try TestSpool.status("b", .running)
        try spool.show(running)
        let answer = try await spool.bobbin("cancel", "a", "b")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("is over already: succeeded"))
        #expect(spool.list("spool/control/cancel") == [running.run.description], "the others are")
        #expect(try await spool.bobbin("cancel", "nope").code == 66)
    }
}
