import Foundation
import Glibc
import Testing

/// What the daemon may do, by its threads' own words in /proc.
@Suite(.inTurn) struct LeastPrivilegeTests {
    @Test(arguments: TemporarySpool.Mode.possible) func noThreadOfTheDaemonHasAnyPrivilege(_ mode: TemporarySpool.Mode)
        async throws
    {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            // Threads of all kinds are there once something ran.
            try spool.drop("one.sh", script: "echo one")
            _ = try await spool.result(of: "one.sh")
            let pid = try #require(daemon.process?.pid)
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
            #expect(threads.count > 3)
            for thread in threads {
                let text = try String(contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8)
                let fields = Dictionary(
                    text.split(separator: "\n").compactMap { line -> (String, String)? in
                        let parts = line.split(separator: ":", maxSplits: 1)
                        return parts.count == 2
                            ? (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)) : nil
                    }, uniquingKeysWith: { $1 })
                let owner = "\(spool.owner)"
                #expect(fields["Uid"]?.split(separator: "\t").allSatisfy { $0 == owner } == true, "\(text)")
                #expect(
                    fields["Gid"]?.split(separator: "\t").allSatisfy { $0 == owner } == true || geteuid() != 0,
                    "\(text)")
                for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                    #expect(fields[set] == "0000000000000000", "\(set)\n\(text)")
                }
                if mode == .root {
                    #expect(fields["CapBnd"] == "0000000000000000", "\(text)")
                    #expect(fields["Groups"] == "" || fields["Groups"] == owner, "\(text)")
                }
                #expect(fields["NoNewPrivs"] == "1", "\(text)")
            }
        }
    }

    /// Only the launcher's processes keep what sandboxes need.
    @Test(.needsRoot) func nothingElseOfBobbinIsRoots() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let names = daemon.processes.filter { pid in
                let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
                return text.contains("Uid:\t0")
            }.map(Processes.name)
            #expect(names.allSatisfy { $0.hasPrefix("bobbin-launch") }, "\(names)")
            #expect(names.count == 2, "keeper and launcher: \(names)")
        }
    }
}
