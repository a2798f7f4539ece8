import Testing

/// The way of one bundle, as whoever drops it sees it.
@Suite struct HarnessTests {
    @Test("a script's result appears", arguments: TemporarySpool.Mode.possible)
    func hello(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode) { daemon in
            try daemon.spool.drop("hello.sh", script: "echo hello; echo oops >&2; exit 3")
            let result = try await daemon.spool.result(of: "hello.sh")
            #expect(result.state == "failed", "\(result)")
            #expect(result.exitCode == "3")
            #expect(result.stdout == "hello\n")
            #expect(result.stderr == "oops\n")
        }
    }

    @Test("a daemon that was killed is started again")
    func restart() async throws {
        try await withDaemon { daemon in
            let before = daemon.processes
            try await daemon.restartAfterKill()
            try await eventually("the killed daemon's processes are gone") {
                !before.contains { Processes.name(of: $0).hasPrefix("bobbin") }
            }
            try daemon.spool.drop("again.sh", script: "echo again")
            #expect(try await daemon.spool.result(of: "again.sh").stdout == "again\n")
        }
    }
}
