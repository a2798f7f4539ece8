import Foundation
import Glibc
import Testing

/// THREATS 9: an inbox over which something is mounted, and which is unmounted and mounted again. In a mount namespace of the
/// daemon's own, shared with its launcher as those of a machine are.
@Suite(.inTurn, .needsRoot, .needs("unshare", "nsenter")) struct MountTests {
    private static let settings = Brisk.settings.replacing("rescan: 2s", with: "rescan: 1s")
    private static let starter = ["unshare", "--mount", "--propagation", "shared", "--"]

    private func inside(_ daemon: Daemon, _ script: String) async throws {
        let pid = try #require(daemon.process?.pid)
        try await Command.check(
            ["nsenter", "--target", "\(pid)", "--mount", "bash", "-euo", "pipefail", "-c", script],
            environment: ["INBOX": daemon.spool.inbox(), "SPOOL": daemon.spool.path])
    }

    /// Every step is a rename, so such a queue cannot be used: its drops stay there and that is said; what lies below it waits.
    @Test(arguments: ["default", "."]) func aFilesystemMountedOverAndAwayAgain(_ place: String) async throws {
        try await withDaemon(.root, settings: Self.settings, starter: Self.starter) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            #expect(try await spool.result(of: "before.sh").stdout == "before\n")
            for round in 1...2 {
                try await inside(
                    daemon,
                    """
                    mount -t tmpfs -o mode=1777 none "$SPOOL/inbox/\(place)"
                    mkdir -p "$INBOX"; chmod 1777 "$INBOX"
                    echo 'echo never' >"$INBOX/foreign\(round).sh"
                    """)
                // Said once, until a scan finds it well again; one is due within the second.
                try await eventually("it says so") { daemon.log.contains("cannot use inbox/default") }
                try await Task.sleep(for: .seconds(1.5))
                // In the tests' own namespace the queue is what it was.
                try spool.drop("below\(round).sh", script: "echo below")
                #expect(!spool.exists(spool.outbox() + "/foreign\(round)"))
                // Lazily: the daemon may have it open.
                try await inside(daemon, #"umount --lazy "$SPOOL/inbox/\#(place)""#)
                #expect(try await spool.result(of: "below\(round).sh").stdout == "below\n")
                // The watch is on what is there now.
                try spool.drop("after\(round).sh", script: "echo after")
                #expect(try await spool.result(of: "after\(round).sh").stdout == "after\n")
            }
            #expect(spool.results().allSatisfy { $0.state == "succeeded" })
        }
    }
}
