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

    /// By number: chown, dac_override, fowner, fsetid, setgid, setuid, lease; sys_admin where ordinary users may make no user
    /// namespaces; the keeper also what a launcher needs at its start: sys_admin and setpcap.
    @Test(.needsRoot) func theLauncherKeepsWhatItsVerbsNeedAndNoMore() async throws {
        let forVerbs: UInt64 = [0, 1, 3, 4, 6, 7, 28].reduce(0) { $0 | 1 << $1 }
        let administration: UInt64 = 1 << 21
        try await withDaemon(settings: Brisk.settings) { daemon in
            try daemon.spool.drop("one.sh", script: "echo one")
            try await daemon.spool.expect("one.sh", prints: "one\n")
            for (pid, allowed) in [
                (try daemon.launcher, [forVerbs, forVerbs | administration]),
                (try daemon.keeper, [forVerbs | administration | 1 << 8]),
            ] {
                let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
                func set(_ name: String) throws -> UInt64 {
                    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + ":") })
                    return try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
                }
                let permitted = try set("CapPrm")
                #expect(allowed.contains(permitted), "\(String(permitted, radix: 16))")
                #expect(try set("CapEff") == permitted && set("CapBnd") & ~permitted == 0)
                #expect(try set("CapInh") == 0 && set("CapAmb") == 0)
            }
        }
    }
}
