import Testing

/// DESIGN's budget for a daemon without work: it sleeps.
@Suite(.inTurn) struct IdleTests {
    @Test(.timeLimit(.minutes(3))) func aDaemonWithoutWorkDoesNotWake() async throws {
        try await withDaemon(settings: "intake: {quiet: 50ms, rescan: never}") { daemon in
            try daemon.spool.drop("once.sh", script: "echo once")
            _ = try await daemon.spool.result(of: "once.sh")
            // What is left to do after a result takes a moment, more of it on a busy machine. A timer that fires every second
            // shows in every look; what sleeps shows in none, however busy the machine is.
            var before = Processes.switches(of: daemon.processes)
            try await eventually(within: .seconds(60), "no thread wakes for three seconds") {
                try await Task.sleep(for: .seconds(3))
                let after = Processes.switches(of: daemon.processes)
                defer { before = after }
                return after == before
            }
            #expect(before.count > 2, "\(before)")
            // The keeper only waits; what its start needed is not kept mapped.
            let keeper = try #require(daemon.process.flatMap { Processes.children(of: $0.pid).first })
            #expect(Processes.residentMemory(of: keeper) < 3 << 10)
        }
    }
}
