import Foundation
import Glibc
import Linux
import SandboxProtocol
import Testing

extension CompromisedTests {
    /// Who has taken over the daemon speaks to root's launcher. Nothing outside the spool is touched, whatever he asks for, and in the
    /// spool only what the verbs are for.
    @Suite
    struct CompromisedDaemonTests {
        private static let root = FileOwnership(owner: 0, group: 0)

        @Test("a verb is for its places", arguments: RequestRulesTests.refused.indices)
        func places(_ index: Int) throws {
            let launcher = try RawLauncher()
            let before = try launcher.untouchable()
            let reply = try launcher.ask(RequestRulesTests.refused[index])
            guard case .refused = reply else {
                Issue.record("\(RequestRulesTests.refused[index]): \(reply)")
                return
            }
            #expect(try launcher.untouchable() == before)
            #expect(launcher.isAlive())
        }

        @Test(
            "names that lead away",
            arguments: [
                "..", ".", "", "a/b", "/", "/etc", "a\0b", String(repeating: "x", count: 256), "../outside",
            ])
        func names(_ text: String) throws {
            let launcher = try RawLauncher()
            let before = try launcher.untouchable()
            let name = EntryName(text)
            let run = Place(["state", "runs", "one"])
            for request in [
                Request.remove(place: Place(["active", name]), name: "x"),
                .remove(place: Place(["active", "q"]), name: name),
                .claim(queue: Place(["inbox", "q"]), name: name, run: run, newName: "sent"),
                .claim(
                    queue: Place(["inbox", "q"]), name: "drop.sh", run: Place(["state", "runs", name]), newName: "sent"),
                .take(run: run, name: "bundle.tmp", form: .script(name), bytes: 1, entries: 1),
                .makeDirectory(place: Place(["outbox"]), name: name, mode: 0o2770, model: Place(["inbox"])),
            ] {
                guard case .refused = try launcher.ask(request) else {
                    Issue.record("'\(name)' was taken")
                    continue
                }
            }
            #expect(try launcher.untouchable() == before)
        }

        /// The daemon's own directories may hold any link.
        @Test func links() throws {
            let launcher = try RawLauncher(
                prepare: """
                    ln -s ../../../outside spool/state/runs/link; ln -s ../../outside spool/active/link; ln -s ../../outside spool/outbox/link
                    ln -s ../../../outside/tree spool/active/q/l.RUN; ln -s ../../../outside/tree spool/state/trash/l
                    rm -r spool/control/answers; ln -s ../../outside spool/control/answers
                    chown -h 64123 spool/state/runs/link spool/active/link spool/active/q/l.RUN
                    """)
            let before = try launcher.untouchable()
            let link: EntryName = "link"
            let one = Place(["state", "runs", "one"])
            let owner = FileOwnership(owner: RawLauncher.owner, group: RawLauncher.owner)
            for request in [
                Request.remove(place: Place(["active", link]), name: "secret"),
                .remove(place: Place(["active", "q", "l.RUN"]), name: "files"),
                .discard(
                    place: Place(["outbox", link]), name: "secret", trash: Place(["state", "trash"]), newName: "n",
                    deletes: true),
                .claim(
                    queue: Place(["inbox", "q"]), name: "drop.sh", run: Place(["state", "runs", link]), newName: "sent"),
                .collect(
                    run: one, result: Place(["active", "q", "l.RUN"]), trash: nil, ownership: owner, bytes: 1,
                    entries: 1),
                .publish(
                    active: Place(["active", link]), outbox: Place(["outbox", link]), name: "tree", ownership: owner),
                .copy(
                    place: one, name: "bundle", target: Place(["control", "answers"]), newName: "n", ownership: owner),
                .makeDirectory(place: Place(["active"]), name: link, mode: 0o2750, model: Place(["inbox"])),
            ] {
                guard case .failed = try launcher.ask(request) else {
                    Issue.record("\(request) went through a link")
                    continue
                }
            }
            // What is itself a link is treated as one.
            #expect(try launcher.ask(.remove(place: Place(["state", "trash"]), name: "l")) == .done)
            _ = try launcher.ask(
                .publish(
                    active: Place(["active", "q"]), outbox: Place(["outbox", "q"]), name: "l.RUN", ownership: owner))
            guard case .notStarted = try launcher.run(launcher.plan(run: link)) else {
                Issue.record("a run beyond the spool")
                return
            }
            #expect(try launcher.untouchable() == before)
        }

        @Test func whatIsMountedBelowTheSpoolIsNoPartOfIt() throws {
            let launcher = try RawLauncher(
                prepare: """
                    mkdir spool/outbox/m spool/active/m spool/inbox/m spool/state/trash/m spool/state/archive/m spool/active/q/m.RUN \
                        spool/state/runs/m spool/state/runs/one/sent spool/state/runs/two/bundle
                    chown -R 64123 spool/state/runs spool/active spool/outbox
                    """,
                mounts: """
                    for d in outbox/m active/m inbox/m state/trash/m state/archive/m active/q/m.RUN state/runs/m state/runs/one/sent \
                        state/runs/two/bundle; do mount --bind outside/tree spool/$d; done
                    """)
            let before = try launcher.untouchable()
            let owner = FileOwnership(owner: RawLauncher.owner, group: RawLauncher.owner)
            let trash = Place(["state", "trash"])
            let one = Place(["state", "runs", "one"])
            for request in [
                Request.remove(place: trash, name: "m"), .remove(place: Place(["active", "q"]), name: "m.RUN"),
                .remove(place: Place(["active", "m"]), name: "file"),
                .discard(place: Place(["outbox", "m"]), name: "file", trash: trash, newName: "n", deletes: true),
                .discard(place: Place(["state", "archive"]), name: "m", trash: trash, newName: "n", deletes: true),
                .makeDirectory(place: Place(["outbox"]), name: "m", mode: 0o2770, model: Place(["inbox"])),
                .claim(queue: Place(["inbox", "m"]), name: "file", run: one, newName: "submit.json"),
                .take(run: one, name: "bundle.tmp", form: .directory, bytes: 1 << 20, entries: 99),
                .sendBack(
                    run: one, result: Place(["active", "q", "n.RUN"]), ownership: FileOwnership(owner: 0, group: 4)),
                .copy(
                    place: Place(["state", "runs", "two"]), name: "bundle", target: Place(["control", "answers"]),
                    newName: "n",
                    ownership: owner),
                .publish(
                    active: Place(["active", "q"]), outbox: Place(["outbox", "q"]), name: "m.RUN", ownership: owner),
            ] {
                let reply = try launcher.ask(request)
                guard case .failed = reply else {
                    Issue.record("\(request): \(reply)")
                    continue
                }
            }
            for run: EntryName in ["m", "two"] {
                guard case .notStarted = try launcher.run(launcher.plan(run: run)) else {
                    Issue.record("a run of what is mounted at \(run)")
                    return
                }
            }
            #expect(try launcher.untouchable() == before)
        }

        @Test("files that links have brought in from outside stay whose they are") func hardLinks() throws {
            let launcher = try RawLauncher(
                prepare: """
                    ln outside/secret spool/state/runs/one/bundle/secret; ln outside/mine spool/state/runs/one/bundle/mine
                    mkdir spool/state/runs/two/upper; chown 64123 spool/state/runs/two/upper
                    ln outside/secret spool/state/runs/two/upper/secret; ln outside/mine spool/state/runs/two/upper/mine
                    mkdir spool/state/runs/two/work; chown 4001 spool/state/runs/two/work
                    ln outside/secret spool/active/q/n.RUN/secret
                    mkdir spool/active/r/s.RUN; chown 64123 spool/active/r/s.RUN
                    """)
            let owner = FileOwnership(owner: RawLauncher.owner, group: RawLauncher.owner)
            let target = Place(["control", "answers"])
            let one = Place(["state", "runs", "one"])
            _ = try launcher.ask(.copy(place: one, name: "bundle", target: target, newName: "n", ownership: owner))
            _ = try launcher.ask(
                .copy(place: one.appending("bundle"), name: "secret", target: target, newName: "m", ownership: owner))
            #expect(try RawLauncher.shell("grep -rl secret '\(launcher.spool)/control' || :").isEmpty)
            #expect(
                try launcher.runToItsEnd(launcher.plan("chmod 777 secret mine; echo x >>secret; exit 0")).hasEnded(0))
            _ = try launcher.ask(
                .publish(
                    active: Place(["active", "q"]), outbox: Place(["outbox", "q"]), name: "n.RUN", ownership: owner))
            let secret = try RawLauncher.shell(
                "stat -c '%u:%g %a' '\(launcher.outside)/secret' '\(launcher.outside)/mine'")
            #expect(secret == "0:0 600\n4001:4001 600\n")
            let collected = try launcher.ask(
                .collect(
                    run: Place(["state", "runs", "two"]), result: Place(["active", "r", "s.RUN"]), trash: nil,
                    ownership: owner,
                    bytes: 99, entries: 99))
            guard case .report = collected else {
                Issue.record("\(collected)")
                return
            }
            #expect(
                try RawLauncher.shell("stat -c '%u:%g %a' '\(launcher.outside)/secret' '\(launcher.outside)/mine'")
                    == secret)
            #expect(try RawLauncher.shell("ls '\(launcher.spool)/active/r/s.RUN/files'").isEmpty)
        }

        @Test func nothingIsGivenAwayWithItsSetIDBits() throws {
            let launcher = try RawLauncher(
                prepare: """
                    cd spool/active/q/n.RUN; cp /bin/true files/tool; cp /bin/true group; mkdir files/d
                    chown -R 64123:64123 .; chmod 6755 files/tool; chmod 2777 group; chmod 7777 files/d; cd -
                    mkdir spool/state/runs/two/sent; cp /bin/true spool/state/runs/two/sent/tool
                    chown -R 0:0 spool/state/runs/two/sent; chmod 4755 spool/state/runs/two/sent/tool
                    mkdir spool/active/r/s.RUN; chown 64123 spool/active/r/s.RUN
                    """)
            let reply = try launcher.ask(
                .publish(
                    active: Place(["active", "q"]), outbox: Place(["outbox", "q"]), name: "n.RUN", ownership: Self.root)
            )
            guard case .published = reply else {
                Issue.record("\(reply)")
                return
            }
            _ = try launcher.ask(
                .sendBack(
                    run: Place(["state", "runs", "two"]), result: Place(["active", "r", "s.RUN"]), ownership: Self.root)
            )
            #expect(
                try RawLauncher.shell("find '\(launcher.spool)/outbox' '\(launcher.spool)/active' -perm /7000").isEmpty)
        }

        @Test("counts beyond all reason", arguments: [Int64.max / 2, 1 << 40]) func counts(_ count: Int64) throws {
            let launcher = try RawLauncher(
                prepare: "mkdir spool/state/runs/one/sent; chown 64123 spool/state/runs/one/sent")
            let one = Place(["state", "runs", "one"])
            let owner = FileOwnership(owner: RawLauncher.owner, group: RawLauncher.owner)
            _ = try launcher.ask(.take(run: one, name: "bundle.tmp", form: .directory, bytes: count, entries: count))
            _ = try launcher.ask(
                .collect(
                    run: one, result: Place(["active", "q", "n.RUN"]), trash: nil, ownership: owner, bytes: count,
                    entries: count))
            var plan = launcher.plan()
            plan.limits.memory = UInt64(count)
            plan.limits.processes = UInt64(count)
            plan.limits.openFiles = UInt64(count)
            plan.limits.fileSize = UInt64(count)
            plan.limits.tmp = UInt64(count)
            _ = try launcher.runToItsEnd(plan)
            #expect(launcher.isAlive())
        }

        @Test func whatIsNoRequestIsRefused() throws {
            let launcher = try RawLauncher()
            let before = try launcher.untouchable()
            let pid = try launcher.pid
            var random = SystemRandomNumberGenerator()
            let real = RequestRulesTests.allowed.map { $0.encoded(number: 7) }
            for turn in 0..<3000 {
                var bytes: [UInt8]
                if turn % 3 == 0 {
                    bytes = (0..<Int.random(in: 1...400, using: &random)).map { _ in
                        .random(in: 0...255, using: &random)
                    }
                    // The version, so that it is read further.
                    bytes[0] = 1
                } else {
                    // Verbs that could do what the daemon's would: no random name is one of those that are there.
                    bytes = real[Int.random(in: 0..<real.count, using: &random)]
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        bytes[Int.random(in: 1..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                    }
                    if turn % 3 == 2 { bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random))) }
                }
                try launcher.send(bytes)
                // Terminating and killing have no answer.
                _ = try launcher.ask(.measure(place: Place([]), name: "history"))
            }
            #expect(try launcher.pid == pid, "it never died")
            #expect(try launcher.untouchable() == before)
        }

        @Test("who asks and asks and reads no answer stops only himself") func flood() throws {
            let launcher = try RawLauncher(prepare: "for i in $(seq 300); do echo >spool/state/trash/$i; done")
            let before = try launcher.untouchable()
            let pid = try launcher.pid
            _ = fcntl(launcher.socket.rawValue, F_SETFL, O_NONBLOCK)
            let bytes = Request.measure(place: Place(["state"]), name: "runs").encoded(number: 1)
            var sent = 0
            // Until nothing more is taken: its answers lie unread, and it waits for room.
            while sent < 200_000, send(launcher.socket.rawValue, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 {
                sent += 1
            }
            #expect(sent < 200_000, "somebody has to wait at last")
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }.flatMap {
                Int($0.filter(\.isNumber))
            }
            #expect(try #require(resident) < 64 << 10, "\(resident ?? 0) KiB")
            #expect(try launcher.untouchable() == before)
            shutdown(launcher.socket.rawValue, Int32(SHUT_RDWR))
            let deadline = Date() + 30
            while kill(pid, 0) == 0, Date() < deadline { usleep(10_000) }
            #expect(kill(pid, 0) < 0, "it ends with its connection")
        }
    }
}

extension Reply {
    /// Whether a run's process exited by itself with that code.
    func hasEnded(_ code: Int32) -> Bool { if case .ended(.exited(code), _) = self { true } else { false } }
}
