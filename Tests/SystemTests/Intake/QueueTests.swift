import Testing

/// A queue is a directory in the inbox; making one makes the queue.
@Suite("queues", .sharedDaemon()) struct QueueTests {
    @Test("made by mkdir, used at once, many times") func makeAndDrop() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            for n in $(seq 20); do
                mkdir $SPOOL/inbox/made-$n
                echo "echo from \\$BOBBIN_QUEUE" > first.sh; mv first.sh $SPOOL/inbox/made-$n/
            done
            """, as: spool.owner)
        for number in 1...20 {
            let result = try await spool.result(of: "first.sh", queue: "made-\(number)")
            #expect(result.stdout == "from made-\(number)\n", "\(result)")
        }
    }

    @Test("made before its drops, which come later") func later() async throws {
        let daemon = try Daemon.shared
        try await daemon.spool.shell("mkdir -m 1777 $SPOOL/inbox/later", as: daemon.spool.owner)
        try await eventually("outbox/later is made") { daemon.spool.exists(daemon.spool.outbox("later")) }
        try daemon.spool.drop("job.sh", script: "echo $BOBBIN_QUEUE", queue: "later")
        let result = try await daemon.spool.result(of: "job.sh", queue: "later", within: .seconds(10))
        #expect(result.stdout == "later\n", "\(result)")
    }

    @Test("moved in with bundles in it") func movedIn() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            "mkdir ready; echo 'echo a' > ready/a.sh; mkdir ready/b; echo 'echo b' > ready/b/main.sh; mv ready $SPOOL/inbox/moved",
            as: spool.owner)
        try await spool.expect("a.sh", queue: "moved", prints: "a\n")
        try await spool.expect("b", queue: "moved", prints: "b\n")
    }

    @Test("the first bundles of new queues, several at once") func firstTogether() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            for q in $(seq 30); do
                mkdir together-$q
                for n in 1 2 3 4; do echo "echo $n" > together-$q/n$n.sh; done
                mv together-$q $SPOOL/inbox/
            done
            """, as: spool.owner)
        for queue in 1...30 {
            for number in 1...4 {
                try await spool.expect("n\(number).sh", queue: "together-\(queue)", prints: "\(number)\n")
            }
        }
    }

    @Test("removed and made again") func again() async throws {
        let spool = try Daemon.shared.spool
        for round in 1...5 {
            try await spool.shell("mkdir -m 1777 $SPOOL/inbox/again", as: spool.owner)
            try spool.drop("n.sh", script: "echo \(round)", queue: "again")
            try await eventually("round \(round)") {
                spool.results(named: "n", "again").contains { $0.stdout == "\(round)\n" }
            }
            try await spool.shell("rmdir $SPOOL/inbox/again", as: spool.owner)
        }
    }

    @Test("other names are left alone and said once", arguments: ["Upper", "under score", ".hidden", "-dash"])
    func stray(_ name: String) async throws {
        let daemon = try Daemon.shared
        let path = "\(daemon.spool.path)/inbox/\(name)"
        try await daemon.spool.shell("mkdir -m 1777 \"$NEW\"", as: daemon.spool.owner, environment: ["NEW": path])
        try await daemon.spool.shell("echo 'echo no' > \"$NEW/x.sh\"", environment: ["NEW": path])
        if name != ".hidden" {
            try await eventually("the log says that inbox/\(name) is no queue") {
                daemon.log.contains("inbox/\(name) is no queue")
            }
        }
        try daemon.spool.drop("after\(name.count).sh", script: "echo yes")
        try await daemon.spool.expect("after\(name.count).sh", prints: "yes\n")
        #expect(daemon.spool.exists("\(path)/x.sh"))
        #expect(daemon.log.split(separator: "\n").filter { $0.contains("inbox/\(name) ") }.count <= 1)
    }

    @Test("a stray file beside the queues stays") func strayFile() async throws {
        let daemon = try Daemon.shared
        try await daemon.spool.shell("echo 'echo no' > $SPOOL/inbox/stray.sh", as: daemon.spool.owner)
        try await eventually("the log says it") { daemon.log.contains("inbox/stray.sh is no queue") }
        #expect(daemon.spool.exists(daemon.spool.path + "/inbox/stray.sh"))
    }
}
