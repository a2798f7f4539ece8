import Testing

/// Memory of the daemon under a run that writes a gigabyte to each of its streams.
@Suite(.inTurn, .serialized) struct FloodTests {
    @Test(.timeLimit(.minutes(3))) func aGigabyteToEachStreamAddsLessThanFourMebibytes() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let pid = try #require(daemon.process?.pid)
            // What every first run needs is not the flood's.
            for name in ["warm-1", "warm-2", "warm-3"] {
                try spool.drop("\(name).sh", script: "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2")
                _ = try await spool.result(of: "\(name).sh")
            }
            let before = Processes.peakMemory(of: pid)
            try spool.drop("flood.sh", script: "head -c 1073741824 /dev/zero & head -c 1073741824 /dev/zero >&2; wait")
            let result = try await spool.result(of: "flood.sh", within: .seconds(120))
            let added = Processes.peakMemory(of: pid) - before
            #expect(added < 4096, "\(added) KiB more")
            #expect(result.status["stdout_bytes"] as? Int == 1 << 30, "\(result)")
            #expect(result.status["stderr_bytes"] as? Int == 1 << 30)
            let line = "\n[bobbin: \((1 << 30) - (1 << 20)) bytes are missing here]\n"
            #expect(result.bytes("stdout")?.count == (1 << 20) + line.utf8.count)
        }
    }
}
