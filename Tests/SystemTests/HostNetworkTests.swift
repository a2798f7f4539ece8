import Glibc
import Testing

/// The host's network is given where a queue has it, and never beyond what the launcher was started for.
@Suite(.inTurn) struct HostNetworkTests {
    private static let open = Brisk.settings("queues: {open: {network: [none, host]}}")
    private static let files = [
        "manifest.yaml": "network: host\n", "main.sh": "wc -l </proc/net/dev; test -s /etc/resolv.conf || echo none",
    ]

    @Test(arguments: TemporarySpool.Mode.possible) func whereItIsAllowedAtTheStart(_ mode: TemporarySpool.Mode)
        async throws
    {
        let spool = try await TemporarySpool(mode, settings: Self.open)
        let daemon = Daemon(on: spool)
        try await spool.makeQueue("open")
        try await daemon.start()
        try spool.drop("net", files: Self.files, queue: "open")
        let result = try await spool.result(of: "net", queue: "open")
        let host = try await Command.check(["sh", "-c", "wc -l </proc/net/dev"])
        #expect(result.state == "succeeded" && result.stdout.hasPrefix(host), "\(result)")
        #expect(result.enforced["network"] == "host")
        try spool.drop("net", files: Self.files)
        #expect(try await spool.result(of: "net").state == "rejected", "the other queue has none")
        try await daemon.stop()
        await spool.remove()
    }

    @Test(arguments: TemporarySpool.Mode.possible) func notByReadingTheSettingsAgain(_ mode: TemporarySpool.Mode)
        async throws
    {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try await spool.makeQueue("open")
            try spool.configure(Self.open)
            daemon.process?.signal(SIGHUP)
            try await eventually("the log says what it takes; it said:\n\(daemon.log)") {
                daemon.log.contains("until bobbind is started again")
            }
            try spool.drop("net", files: Self.files, queue: "open")
            let result = try await spool.result(of: "net", queue: "open")
            #expect(result.state == "errored" && result.stdout.isEmpty, "\(result)")
            #expect(result.reason.contains("start bobbind again"), "\(result.reason)")
            try await daemon.stop()
            try await daemon.start()
            try spool.drop("again", files: Self.files, queue: "open")
            #expect(try await spool.result(of: "again", queue: "open").state == "succeeded")
        }
    }
}
