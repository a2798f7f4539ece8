import Testing

/// THREATS 27: nothing of one run reaches the next in its slot. There is one slot, so the second has the first one's user.
@Suite(.inTurn) struct NextInSlotTests {
    private struct Leftover {
        let phrase: String
        /// What the first run does.
        let leaves: String
        /// What the next one asks, and must print.
        let looks: String
        let finds: String
    }

    private static let leftovers = [
        Leftover(
            phrase: "tmp", leaves: "echo x >/tmp/left; mkdir -p /tmp/d/e; echo x >/var/tmp/v",
            looks: "ls -A /tmp /var/tmp/", finds: "/tmp:\n\n/var/tmp/:\n"),
        Leftover(
            phrase: "shm", leaves: "echo x >/dev/shm/left; ipcmk -M 4096 -S 1 -Q >/dev/null",
            looks: "ls -A /dev/shm/; ipcs | grep -c 0x", finds: "0\n"),
        Leftover(
            phrase: "keyrings", leaves: "keyctl add user left x @u 2>/dev/null; :", looks: "grep -c left /proc/keys",
            finds: "0\n"),
        Leftover(
            phrase: "cgroup counters", leaves: "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done",
            looks: "cut -d: -f3 /proc/self/cgroup | sort -u", finds: "/\n"),
        Leftover(
            phrase: "limits", leaves: "ulimit -n 16; ulimit -f 1; renice -n 19 $$ >/dev/null; umask 777",
            looks: "ulimit -n; nice; umask", finds: "1024\n0\n0022\n"),
        Leftover(
            phrase: "uid-owned leftovers: files", leaves: "echo x >kept; chmod 777 .; ln -s /tmp link",
            looks: "ls -A | grep -v looks",
            finds: ""),
        Leftover(
            phrase: "uid-owned leftovers: processes",
            leaves: "(setsid nohup sleep 600 >/dev/null 2>&1 &); (trap '' TERM HUP; sleep 600 &)",
            looks: "cd /proc; ls -d [0-9]* | wc -l", finds: ""),
        Leftover(
            phrase: "the host's name and environment", leaves: "export LEFT=x; hostname other 2>/dev/null; :",
            looks: "uname -n; echo $LEFT", finds: "bobbin\n\n"),
    ]

    @Test(arguments: TemporarySpool.Mode.possible) func findsNothing(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            for (index, leftover) in Self.leftovers.enumerated() {
                try spool.drop("leaves\(index).sh", script: leftover.leaves + "\necho left")
                let first = try await spool.result(of: "leaves\(index).sh")
                #expect(first.stdout.hasSuffix("left\n") || leftover.phrase == "limits", "\(leftover.phrase): \(first)")
                #expect(AttackGround.alive(run: first.run).isEmpty, "\(leftover.phrase)")
                try spool.drop("looks\(index).sh", script: leftover.looks)
                let next = try await spool.result(of: "looks\(index).sh")
                if leftover.phrase.hasSuffix("processes") {
                    // The shell, what it started to count, and init.
                    #expect(Int(next.stdout.filter(\.isNumber)).map { $0 <= 4 } == true, "\(next.stdout)")
                } else {
                    #expect(next.stdout == leftover.finds, "\(leftover.phrase): \(next)")
                }
            }
        }
    }
}
