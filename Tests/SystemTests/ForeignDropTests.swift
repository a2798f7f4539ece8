import Foundation
import Runs
import Testing

/// Drops that are not the daemon's user's, where it is an ordinary one; and what a script is called when its entry names a run.
@Suite struct ForeignDropTests {
    @Test(.needsRoot) func anotherUsersFileRunsUnderARootlessDaemon() async throws {
        try await withDaemon(.rootless, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try await spool.shell(
                """
                echo 'echo ran; echo x >left' >theirs.sh; chmod 644 theirs.sh; mv theirs.sh "$INBOX"
                echo 'x: y' >bad.tar; chmod 4644 bad.tar; mv bad.tar "$INBOX"
                """, as: 0)
            let result = try await spool.result(of: "theirs.sh")
            #expect(result.stdout == "ran\n", "\(result)")
            #expect(result.status["owner"] as? String == "root")
            #expect(result.text("files/left") == "x\n")
            let rejected = try await spool.result(of: "bad.tar")
            #expect(rejected.state == "rejected" && rejected.has("sent"), "\(rejected)")
        }
    }

    @Test func aScriptKeepsItsOwnNameWhateverRunItIs() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let run = RunID.new().description
            try spool.drop("named.\(run).py", script: "import sys; print(sys.argv[0])")
            let result = try await spool.result(ofRun: run, named: "named")
            #expect(result.stdout == "named.py\n", "\(result)")
        }
    }
}
