import Glibc
import Testing

/// When a drop is complete, beyond what the ways of writing show.
@Suite("intake") struct IntakeRuleTests {
    @Test("what was dropped while no daemon ran", arguments: TemporarySpool.Mode.possible)
    func foundAtStart(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode) { daemon in
            let spool = daemon.spool
            try await daemon.stop()
            try await spool.shell(
                """
                echo 'echo script' > $INBOX/a.sh; touch -d 2001-01-01 $INBOX/a.sh
                mkdir b; echo 'echo directory' > b/main.sh; touch -d 2001-01-01 b/main.sh; cp -a b $INBOX/
                tar cf $INBOX/c.tar b; echo partial > $INBOX/d.sh.part; : > $INBOX/e.sh
                """)
            try await spool.shell("mkdir $SPOOL/inbox/new; echo 'echo queue' > $SPOOL/inbox/new/f.sh", as: spool.owner)
            try await daemon.start()
            try await spool.expect("a.sh", prints: "script\n")
            try await spool.expect("b", prints: "directory\n")
            try await spool.expect("c.tar", prints: "directory\n")
            #expect(try await spool.result(of: "e.sh").state == "succeeded")
            try await spool.expect("f.sh", queue: "new", prints: "queue\n")
            #expect(spool.exists(spool.inbox() + "/d.sh.part"))
        }
    }

    @Test("what stays incomplete is rejected after give_up, and kept") func giveUp() async throws {
        try await withDaemon(settings: "intake: {settle: 300ms, give_up: 2s}\n") { daemon in
            let spool = daemon.spool
            try await spool.shell(
                """
                mkdir $INBOX/transfer; echo 'echo no' > $INBOX/transfer/main.sh; echo half > $INBOX/transfer/data.part
                exec 9> $INBOX/open.sh; echo 'echo no' >&9
                for i in {1..300}; do [ ! -e $OUTBOX/open/state ] || break; sleep 0.1; done
                echo 'echo late' >&9 || true
                """)
            for entry in ["transfer", "open.sh"] {
                let result = try await spool.result(of: entry)
                #expect(result.state == "rejected", "\(result)")
                #expect(result.errorCodes == ["incomplete"], "\(result)")
                #expect(result.stdout == "")
                #expect(result.has("sent"))
            }
        }
    }

    @Test("the rescan finds what no event told of") func rescan() async throws {
        try await withDaemon(settings: "intake: {settle: 200ms, rescan: 1s}\n") { daemon in
            let spool = daemon.spool
            // Writing through a mapping makes no event, nor does a link to a file made elsewhere while its queue was closed.
            try await spool.shell("chmod 000 $INBOX", as: spool.owner)
            try spool.drop("unseen.sh", script: "echo found")
            try await eventually("the log says that the inbox cannot be used") {
                daemon.log.contains("inbox/default") || geteuid() != 0
            }
            try await spool.shell("chmod 3777 $INBOX", as: spool.owner)
            try await spool.expect("unseen.sh", prints: "found\n")
        }
    }

    @Test("another user's directory stays where a rootless daemon cannot take it", .needsRoot)
    func foreignDirectory() async throws {
        try await withDaemon(.rootless, settings: "intake: {settle: 200ms, rescan: 1s}\n") { daemon in
            let spool = daemon.spool
            let foreign = try spool.makeDirectory(["main.sh": "echo no"])
            chown(foreign, 64777, 64777)
            try spool.move(foreign, to: "foreign")
            try await eventually("the log says it") { daemon.log.contains("default/foreign cannot be taken") }
            // Rescans come and go meanwhile.
            for number in 1...3 {
                try await spool.shell("mkdir $INBOX/n\(number); echo 'echo yes' > $INBOX/n\(number)/main.sh")
                try await spool.expect("n\(number)", prints: "yes\n")
            }
            #expect(spool.exists(spool.inbox() + "/foreign/main.sh"))
            #expect(daemon.log.split(separator: "\n").filter { $0.contains("default/foreign ") }.count == 1)
        }
    }

    @Test("no more than max_queued are taken; the others wait in the inbox, and all run") func maxQueued() async throws
    {
        try await withDaemon(settings: "slots: 1\nintake: {max_queued: 5}\n") { daemon in
            let spool = daemon.spool
            try await spool.shell("touch $SPOOL/control/drain", as: spool.owner)
            for number in 1...30 { try spool.drop("w\(number).sh", script: "echo \(number)") }
            try await eventually("some are taken") { entries(spool.active()) >= 5 }
            #expect(entries(spool.active()) <= 6)
            #expect(entries(spool.inbox()) >= 24)
            try await spool.shell("rm $SPOOL/control/drain", as: spool.owner)
            for number in 1...30 { #expect(try await spool.result(of: "w\(number).sh").stdout == "\(number)\n") }
        }
    }

    private func entries(_ directory: String) -> Int {
        ResultDirectory(path: directory).entries.count
    }
}
