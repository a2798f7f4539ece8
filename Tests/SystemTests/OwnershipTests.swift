import Foundation
import Glibc
import Runs
import Testing

/// Who owns and may read what, with two droppers that are nothing to each other.
@Suite(.inTurn, .needsRoot) struct OwnershipTests {
    private static func look(_ path: String) -> (owner: UInt32, group: UInt32, mode: mode_t) {
        var status = stat()
        return lstat(path, &status) == 0 ? (status.st_uid, status.st_gid, status.st_mode & 0o7777) : (.max, .max, 0)
    }

    @Test func resultsBelongToTheirDroppersAndToTheQueuesGroup() async throws {
        try await withDaemon(.root, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let readers: UInt32 = 64301
            try await spool.shell("mkdir inbox/team; chgrp \(readers) inbox/team; chmod 3777 inbox/team".inSpool, as: 0)
            for user: UInt32 in [64201, 64202] {
                try await spool.shell(
                    "mkdir -m 700 u\(user); echo '\(Held.here); mkdir d; echo \(user) >d/out; chmod 4755 d/out; exit \(user % 10)' >u\(user)/main.sh; mv u\(user) \"$INBOX\"",
                    as: user, queue: "team")
            }
            try await spool.run(of: "u64201", in: "running", queue: "team")
            let live = try #require(spool.live("u64201", "team")?.path)
            #expect(Self.look(spool.active("team")) == (spool.owner, readers, 0o2750))
            #expect(Self.look(live).group == readers && Self.look(live).mode & 0o777 == 0o750)
            #expect(Self.look(live + "/stdout").mode == 0o640 && Self.look(live + "/stdout").group == readers)
            #expect(Self.look(spool.outbox("team")) == (spool.owner, readers, 0o2770))
            for user in [64201, 64202] { try await daemon.letGo("u\(user)") }
            for user: UInt32 in [64201, 64202] {
                let result = try await spool.result(named: "u\(user)", queue: "team")
                #expect(result.exitCode == "\(user % 10)", "\(result)")
                #expect(result.status["owner"] as? String == "\(user)")
                let all = try await Command.check(["find", result.path, "-printf", "%U %G %m %P\\n"])
                for line in all.split(separator: "\n") {
                    let fields = line.split(separator: " ", omittingEmptySubsequences: false)
                    #expect(fields[0] == "\(user)" && fields[1] == "\(readers)", "\(line)")
                    #expect(!fields[2].dropLast(3).contains { $0 != "0" && $0 != "2" }, "set-id bits: \(line)")
                    #expect(fields[2].last == "0", "others may not read: \(line)")
                }
                // The other dropper can neither read nor delete it; its owner and the group can read.
                let other: UInt32 = user == 64201 ? 64202 : 64201
                let asOther = try await Command.run([
                    "setpriv", "--reuid", "\(other)", "--regid", "\(other)", "--clear-groups", "--", "cat",
                    result.path + "/stdout",
                ])
                #expect(asOther.code == 1 && asOther.output.contains("Permission denied"), "\(asOther)")
                let asGroup = try await Command.run(
                    [
                        "setpriv", "--reuid", "64299", "--regid", "\(readers)", "--clear-groups", "--", "cat",
                        result.path + "/status.json",
                    ])
                #expect(asGroup.code == 0, "\(asGroup.output)")
                // A dropper who is in the queue's group reads and deletes its own.
                let delete = [
                    "setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--groups", "\(readers)", "--", "rm", "-r",
                    result.path,
                ]
                #expect(try await Command.run(delete).code == 0)
            }
            #expect(Self.look(spool.path + "/state").mode == 0o700)
            #expect(Self.look(spool.path + "/history").mode & 0o777 == 0o750)
            #expect(Self.look(spool.path + "/control/cancel").mode == 0o1777)
        }
    }

    /// Its owner, its group and its place change while a result is published: at no moment is it open to somebody else.
    @Test func aStrangerSeesNothingAtAnyMoment() async throws {
        try await withDaemon(.root, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let readers: UInt32 = 64301
            try await spool.shell("mkdir inbox/team; chgrp \(readers) inbox/team; chmod 3777 inbox/team".inSpool, as: 0)
            let (said, stop) = ("\(spool.base)/stranger", "\(spool.scratch)/stop")
            // It is told the names, which it could not list, and says what does not refuse it: to hear that a file is not there
            // would be too much already.
            let watch = """
                import os, sys
                runs = [d + '/' + n for d in sys.argv[2:4] for n in sys.argv[4:]]
                files = ['', '/state', '/stdout', '/status.json', '/manifest.json', '/files', '/files/out']
                looks = 0
                while not os.path.exists(sys.argv[1]):
                    for path in sys.argv[2:4] + [r + f for r in runs for f in files]:
                        try: os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
                        except PermissionError: looks += 1; continue
                        except OSError as error: path += ' ' + str(error)
                        print('reached', path, flush=True)
                print('looks', looks, flush=True)
                """
            let runs = (0..<40).map { "r\($0).\(RunID.new())" }
            // The queue's directories are there, and closed.
            try spool.drop("first", files: ["main.sh": "true"], queue: "team")
            _ = try await spool.result(of: "first", queue: "team")
            let stranger = try ChildProcess(
                [
                    "setpriv", "--reuid", "64299", "--regid", "64299", "--clear-groups", "--", "python3", "-c", watch,
                    stop, spool.active("team"), spool.outbox("team"),
                ] + runs, output: said)
            for run in runs { try spool.drop(run, files: ["main.sh": "echo secret | tee out"], queue: "team") }
            for run in runs {
                let result = ResultDirectory(path: "\(spool.outbox("team"))/\(run)")
                try await eventually("\(run)") { result.state == "succeeded" }
            }
            try await spool.shell("touch stop", as: 0)
            #expect(await stranger.end() == .exited(0))
            let lines = try String(contentsOfFile: said, encoding: .utf8).split(separator: "\n")
            let looks = lines.last.flatMap { $0.hasPrefix("looks ") ? Int($0.dropFirst(6)) : nil }
            #expect(try #require(looks) > 1000)
            #expect(lines.count == 1, "\(lines.prefix(5))")
        }
    }

    @Test func rootlessAllBelongsToTheUser() async throws {
        try await withDaemon(.rootless, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try spool.drop(
                "all",
                files: [
                    "manifest.yaml": "input: {a: 1}\nargs: [x]",
                    "main.sh": "cat; echo \"$1\"; mkdir d; echo >d/f; id -u",
                ])
            let result = try await spool.result(of: "all")
            #expect(result.state == "succeeded", "\(result)")
            let all = try await Command.check([
                "find", spool.path, "!", "-user", "\(spool.owner)", "!", "-name", "bobbin.yaml",
            ])
            #expect(all.isEmpty, "\(all)")
            try spool.drop(
                "slow",
                files: [
                    "manifest.yaml": "timeout: 500ms\nstop_grace: 100ms",
                    "main.sh": "trap '' TERM; echo part; sleep 99",
                ])
            let slow = try await spool.result(of: "slow")
            #expect(slow.state == "timed_out" && slow.stdout == "part\n", "\(slow)")
            try await spool.shell(
                "mkdir arc; echo 'echo unpacked' >arc/main.sh; tar czf arc.tar.gz -C arc .; mv arc.tar.gz \"$INBOX\"")
            #expect(try await spool.result(of: "arc.tar.gz").stdout == "unpacked\n")
            // What it may not take stays, and is said once.
            try await spool.shell(
                "mkdir foreign; echo : >foreign/main.sh; chown -R 64201 foreign; mv foreign \"$INBOX\"", as: 0)
            try await eventually("it is said") { daemon.log.contains("default/foreign cannot be taken") }
            try await Task.sleep(for: .seconds(3))
            #expect(spool.exists(spool.inbox() + "/foreign/main.sh"))
            #expect(daemon.log.components(separatedBy: "default/foreign cannot be taken").count == 2, "\(daemon.log)")
        }
    }

    /// A queue that root made by a plain mkdir has root's group.
    @Test func nobodyIsToldToJoinRootsGroup() async throws {
        try await withDaemon(.root, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            try await spool.shell("mkdir inbox/plain; chgrp 0 inbox/plain; chmod 1777 inbox/plain".inSpool, as: 0)
            try await eventually("the queue is there") { spool.exists(spool.outbox("plain")) }
            let logs = try await spool.bobbin("logs", "nothing")
            #expect(logs.code == 66 && logs.output.contains("queue 'plain' is closed to you: only"), "\(logs.output)")
            #expect(!logs.output.contains("usermod -aG root"), "\(logs.output)")
        }
    }
}
