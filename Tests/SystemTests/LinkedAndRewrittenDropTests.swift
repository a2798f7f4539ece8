import Foundation
import Glibc
import Testing

/// THREATS 6: hard links to foreign files or other bundles; a file kept open and rewritten after acceptance.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings), .needsRoot)
struct LinkedAndRewrittenDropTests {
    /// root makes the link: a kernel with fs.protected_hardlinks would not let the dropper.
    @Test func aHardLinkToAForeignFileInADirectoryIsRejected() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            echo secret >foreign && chown 64201 foreign && chmod 600 foreign
            mkdir linked && echo 'cat foreign' >linked/main.sh && chown -R \(spool.dropper) linked
            ln foreign linked/foreign && mv linked "$INBOX/linked"
            """, as: 0)
        let result = try await spool.result(of: "linked")
        #expect(result.state == "rejected", "\(result)")
        var status = stat()
        #expect(lstat(spool.scratch + "/foreign", &status) == 0)
        #expect(status.st_uid == 64201 && status.st_mode & 0o7777 == 0o600, "the foreign file was changed")
        #expect(try String(contentsOfFile: spool.scratch + "/foreign", encoding: .utf8) == "secret\n")
    }

    @Test func aHardLinkToAForeignScriptIsItsOwnersDropAndLeavesTheFileAlone() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            echo 'echo mine' >theirs.sh && chown 64201:64201 theirs.sh && chmod 640 theirs.sh && ln theirs.sh "$INBOX/theirs.sh"
            """, as: 0)
        let result = try await spool.result(of: "theirs.sh")
        #expect(result.status["owner"] as? String == "64201", "\(result)")
        var status = stat()
        #expect(lstat(spool.scratch + "/theirs.sh", &status) == 0)
        #expect(status.st_uid == 64201 && status.st_gid == 64201 && status.st_mode & 0o7777 == 0o640)
        #expect(try String(contentsOfFile: spool.scratch + "/theirs.sh", encoding: .utf8) == "echo mine\n")
    }

    @Test func bundlesThatShareAFileByHardLinksRunApart() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            for n in one two; do mkdir $n; echo "cat shared; echo $n >shared; cat shared" >$n/main.sh; done
            echo common >one/shared; ln one/shared two/shared; mv one "$INBOX"; mv two "$INBOX"
            """)
        for name in ["one", "two"] {
            let result = try await spool.result(of: name)
            #expect(result.stdout == "common\n\(name)\n", "\(result)")
            #expect(result.text("files/shared") == "\(name)\n")
        }
    }

    @Test(arguments: ["script", "directory"])
    func whatIsRewrittenAfterAcceptanceIsNotWhatRuns(_ form: String) async throws {
        let spool = try Daemon.shared.spool
        let queue = "held-\(form)"
        try await spool.shell("mkdir -m 1777 inbox/\(queue); touch control/pause/\(queue)".inSpool, as: 0)
        // Once the queue is watched a rename tells that a drop is whole; found by a look, it waits for its writer.
        try spool.drop("first.sh", script: ":", queue: queue)
        try await spool.run(of: "first", in: "queued", queue: queue)
        let isDirectory = form == "directory"
        let path =
            isDirectory
            ? try spool.makeDirectory(["main.sh": "echo before\n"]) : try spool.makeFile(Array("echo before\n".utf8))
        let file = try #require(FileHandle(forUpdatingAtPath: isDirectory ? path + "/main.sh" : path))
        let entry = isDirectory ? "kept" : "kept.sh"
        try spool.move(path, to: entry, queue: queue)
        try await spool.run(of: "kept", in: "queued", queue: queue)
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data("echo after\n".utf8))
        try await spool.shell("rm control/pause/\(queue)".inSpool, as: 0)
        let result = try await spool.result(of: entry, name: "kept", queue: queue)
        #expect(result.stdout == "before\n", "\(result)")
        if !isDirectory {
            let sum = try await Command.check(["sh", "-c", "printf 'echo before\\n' | sha256sum"]).prefix(64)
            #expect(result.status["bundle_sha256"] as? String == String(sum))
        }
    }
}
