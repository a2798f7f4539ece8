import Foundation
import Glibc
import Testing

/// THREATS 24: two daemons on one spool.
@Suite(.inTurn) struct SecondDaemonTests {
    @Test(arguments: TemporarySpool.Mode.possible)
    func theSecondNamesTheProcessThatHoldsIt(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let pid = try #require(daemon.process?.pid)
            // Also while the first does nothing at all, as one that hangs.
            for signal in [SIGCONT, SIGSTOP] {
                daemon.process?.signal(signal)
                let second = try await Command.run(spool.daemonCommand([]))
                #expect(second.code == 69, "\(second.output)")
                #expect(second.output.contains("process \(pid)"), "\(second.output)")
                #expect(second.output.contains("stop that one first"), "\(second.output)")
            }
            daemon.process?.signal(SIGCONT)
            try spool.drop("still.sh", script: "echo still")
            #expect(try await spool.result(of: "still.sh").stdout == "still\n")
        }
    }

    /// The kernel lets go of a lock with its holder: what the file says of a process is only for people.
    @Test func noLockIsStale() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("long.sh", script: "sleep 600")
            try await spool.run(of: "long", in: "running")
            // The sandbox and the launcher live on for a moment.
            try await daemon.restartAfterKill()
            #expect(try await spool.result(named: "long").state == "interrupted")
            await daemon.kill()
            try await spool.shell("echo 1 >state/lock".inSpool, as: spool.owner)
            try await daemon.start()
            try spool.drop("next.sh", script: "echo next")
            #expect(try await spool.result(of: "next.sh").stdout == "next\n")
        }
    }

    @Test func ofManyThatStartAtOnceOneStays() async throws {
        let spool = try await TemporarySpool(settings: Brisk.settings)
        let many = try (1...8).map {
            try ChildProcess(spool.daemonCommand([]), output: "\(spool.base)/log.many\($0)", directory: "/")
        }
        try await eventually("all but one have ended") { many.filter(\.hasEnded).count == 7 }
        for process in many where process.hasEnded { #expect(await process.end() == .exited(69)) }
        try spool.drop("once.sh", script: "echo once")
        #expect(try await spool.result(of: "once.sh").stdout == "once\n")
        for process in many where !process.hasEnded {
            process.signal(SIGTERM)
            #expect(await process.end() == .exited(0))
        }
        await spool.remove()
    }
}
