import Foundation
import Glibc
import Testing

/// THREATS, drops 4, 6 and 7: who drops goes on changing what he dropped while the daemon looks at it, takes it over and runs
/// it. What arrives is his, of one moment, and what was hashed is what ran.
@Suite(
    "drops 4-7: swapped while they are taken", .inTurn, .sharedDaemon(settings: Brisk.settings), .needsRoot,
    .needs("python3"))
struct SwapThreatTests {
    /// What the writers share: `exchange(directory, name, directory, name)`, and `until` a moment from now.
    private static let prelude = #"""
        import ctypes, os, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        inbox, secret, rounds = os.environ["INBOX"], os.environ["SECRET"], int(os.environ["ROUNDS"])
        def exchange(a, b, at=-100, to=-100): return libc.renameat2(at, os.fsencode(a), to, os.fsencode(b), 2) == 0
        def until(seconds, act):
            end = time.monotonic() + seconds
            while time.monotonic() < end and act() is not False: pass
        def write(path, text): open(path, "w").write(text)
        """#

    /// A directory `name` in the spool's private part that nobody but root and the spool's owner reads, with a secret in every
    /// file that the bundles have.
    private static func secret(_ name: String, _ spool: TemporarySpool) async throws -> (word: String, path: String) {
        let word = "secret-\(UUID().uuidString)"
        let path = "\(spool.path)/state/\(name)"
        try await spool.shell(
            "mkdir -m 700 '\(path)'; for f in data main.sh manifest.yaml; do echo '\(word)' >'\(path)'/$f; done",
            as: spool.owner)
        return (word, path)
    }

    /// Runs a writer as the dropper, then expects each of its bundles to have a result, and the secret nowhere a reader looks.
    private static func attack(
        _ name: String, rounds: Int, entry: (Int) -> String, _ writer: String,
        each: (ResultDirectory) throws -> Void = { _ in }
    ) async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let secret = try await secret(name, spool)
        let program = try spool.makeFile(Array("\(prelude)\n\(writer)\n".utf8))
        try await spool.shell(
            "mkdir \(name); cd \(name); python3 \(program)",
            environment: ["SECRET": secret.path, "ROUNDS": "\(rounds)"])
        for round in 0..<rounds { try each(try await spool.result(of: entry(round))) }
        // `-r` follows no link that came back in `sent`; `-s` says nothing of what other tests move on meanwhile.
        let found = try await Command.run(["grep", "-rslF", "--", secret.word, spool.outbox(), spool.active()])
        #expect(found.output.isEmpty, "\(found.output)")
        #expect(!daemon.log.contains(secret.word))
        daemon.expectWell()
    }

    @Test("a subdirectory ↔ a link to a foreign directory") func directoryAndLink() async throws {
        try await Self.attack(
            "sub-link", rounds: 40, entry: { "sub-link-\($0)" },
            #"""
            for n in range(rounds):
                name = f"sub-link-{n}"
                os.makedirs(f"{name}/d/d")
                for at in ("", "/d", "/d/d"): write(f"{name}{at}/data", "mine\n")
                write(f"{name}/main.sh", "cat data d/data d/d/data; ls -l d\n")
                for at in ("", "/d"): os.symlink(secret, f"{name}{at}/.l")
                top = os.open(name, os.O_RDONLY); below = os.open(name + "/d", os.O_RDONLY)
                os.rename(name, f"{inbox}/{name}")
                until(0.12, lambda: (exchange("d", ".l", top, top), exchange("d", ".l", below, below)))
                os.close(top); os.close(below)
            """#)
    }

    @Test("the entry itself ↔ a link, while it is claimed", arguments: ["script", "directory"])
    func entryAndLink(_ form: String) async throws {
        let isScript = form == "script"
        var states: [String: Int] = [:]
        try await Self.attack(
            "flip-\(form)", rounds: 60, entry: { "flip-\(form)-\($0)" + (isScript ? ".sh" : "") },
            #"""
            form, ending = "\#(form)", "\#(isScript ? ".sh" : "")"
            for n in range(rounds):
                name = f"flip-{form}-{n}{ending}"
                if ending: write(name, "cat \"$0\" >&2; echo mine\n")
                else: os.mkdir(name); write(f"{name}/main.sh", "cat * >&2; echo mine\n")
                # A name that is never taken holds the other one of the two.
                os.symlink(secret + ("/main.sh" if ending else ""), f"{inbox}/.{name}")
                os.rename(name, f"{inbox}/{name}")
                # Until the exchange fails because the entry was claimed.
                until(5, lambda: exchange(f"{inbox}/{name}", f"{inbox}/.{name}"))
                os.system(f"rm -rf '{inbox}/.{name}'")
            """#
        ) { result in
            states[result.state ?? "", default: 0] += 1
            // One of the two, whole.
            if result.state == "succeeded" {
                #expect(result.stdout == "mine\n", "\(result)")
            } else {
                #expect(result.state == "rejected" && result.errorCodes == ["special_file"], "\(result)")
            }
        }
        #expect(states.count == 2, "the swaps never met the claim: \(states)")
    }

    /// Below 48 levels the walkers come back by `..`: a directory that was moved meanwhile has another one.
    @Test("a deep tree, moved to beside foreign files and back while it is walked") func movedTree() async throws {
        try await Self.attack(
            "moved", rounds: 30, entry: { "moved-\($0)" },
            #"""
            for n in range(rounds):
                name = f"moved-{n}"
                os.mkdir(name); write(f"{name}/main.sh", "cat data\n"); write(f"{name}/data", "mine\n")
                at = name
                for level in range(70):
                    at += "/d"; os.mkdir(at); write(at + "/data", "mine\n")
                deep = os.open(name + "/d" * 60, os.O_RDONLY)
                # Where `..` of the moved directory leads to: a link to the secret under the name that is walked next.
                aside = f"aside-{n}"; os.mkdir(aside); os.mkdir(f"{aside}/away"); write(f"{aside}/away/data", "mine\n")
                os.symlink(secret + "/data", f"{aside}/e"); os.symlink(secret, f"{aside}/f")
                other = os.open(aside, os.O_RDONLY)
                os.rename(name, f"{inbox}/{name}")
                until(0.15, lambda: exchange("d", "away", deep, other))
                os.close(deep); os.close(other)
            """#)
    }

    /// A script that says its own hash, of which the writer changes a byte again and again by a descriptor from before.
    @Test("a file kept open and rewritten while it is taken, hashed and run") func rewritten() async throws {
        var hashes: Set<String> = []
        try await Self.attack(
            "rewrite", rounds: 40, entry: { "rewrite-\($0).sh" },
            #"""
            held = []
            for n in range(rounds):
                name = f"rewrite-{n}.sh"
                write(name, "sha256sum <\"$0\"; sleep 0.1; sha256sum <\"$0\"; cat \"$0\" >/dev/null; exit\n#" + "0" * 20000)
                held.append(os.open(name, os.O_WRONLY))
            turn = 0
            def rewrite():
                global turn
                turn += 1
                for file in held: os.pwrite(file, b"%d" % (turn % 10) * 20000, os.fstat(file).st_size - 20000)
            for n in range(rounds):
                os.rename(f"rewrite-{n}.sh", f"{inbox}/rewrite-{n}.sh")
                until(0.05, rewrite)
            until(3, rewrite)
            """#
        ) { result in
            // Written to at the very moment of the copying, it is neither the old nor the new content.
            if result.state == "rejected", result.messages.contains("changed while it was read") { return }
            #expect(result.state == "succeeded", "\(result)")
            let lines = result.stdout.split(separator: "\n").map { String($0.prefix(64)) }
            let hash = try #require(result.status["bundle_sha256"] as? String)
            #expect(lines == [hash, hash], "what was hashed is not what ran: \(result)")
            hashes.insert(hash)
        }
        #expect(hashes.count > 1, "the writer changed nothing in time")
    }

    /// Two archives of one size take turns in one open file: one of them is unpacked, or none.
    @Test("an archive kept open and rewritten while it is unpacked") func rewrittenArchive() async throws {
        try await Self.attack(
            "re-tar", rounds: 30, entry: { "re-tar-\($0).tar" },
            #"""
            import io, tarfile
            def archive(word):
                out = io.BytesIO()
                with tarfile.open(fileobj=out, mode="w") as tar:
                    for name, text in ("main.sh", "cat data | sort | uniq -c\n"), ("data", (word + "\n") * 50000):
                        info = tarfile.TarInfo(name); info.size = len(text); tar.addfile(info, io.BytesIO(text.encode()))
                return out.getvalue()
            both = archive("one"), archive("two")
            held = []
            for n in range(rounds):
                open(f"re-tar-{n}.tar", "wb").write(both[0]); held.append(os.open(f"re-tar-{n}.tar", os.O_WRONLY))
            turn = 0
            def rewrite():
                global turn
                turn += 1
                for file in held: os.pwrite(file, both[turn % 2], 0)
            for n in range(rounds):
                os.rename(f"re-tar-{n}.tar", f"{inbox}/re-tar-{n}.tar"); until(0.05, rewrite)
            until(2, rewrite)
            """#
        ) { result in
            // Torn by its own writer it may hold lines of both, or be no archive; it holds nothing else.
            #expect(["succeeded", "rejected"].contains(result.state), "\(result)")
            let words = result.stdout.split(separator: "\n").compactMap { $0.split(separator: " ").last }
            #expect(Set(words).isSubset(of: ["one", "two"]) || words.count < 4, "\(result.stdout.prefix(200))")
        }
    }

    /// Modes and owners that change while the tree is given away: no set-id bit and no foreign file in what comes back.
    @Test("modes and kinds that change while it is taken") func changingModes() async throws {
        try await Self.attack(
            "modes", rounds: 40, entry: { "modes-\($0)" },
            #"""
            for n in range(rounds):
                name = f"modes-{n}"
                os.mkdir(name); write(f"{name}/main.sh", "cp -p tool copy; ls -l >&2; echo mine\n"); write(f"{name}/tool", "mine\n")
                os.mkfifo(f"{name}/.f"); os.mkdir(f"{name}/.d"); write(f"{name}/.d/data", "mine\n")
                held = os.open(name, os.O_RDONLY); tool = os.open(f"{name}/tool", os.O_WRONLY)
                os.rename(name, f"{inbox}/{name}")
                modes = [0, 0o4755, 0o2755, 0o6777, 0o644]
                def change():
                    modes.append(modes.pop(0)); os.fchmod(tool, modes[0]); os.fchmod(held, 0o700 | modes[0])
                    exchange("tool", ".f", held, held); exchange("tool", ".d", held, held)
                    os.ftruncate(tool, 1 << 40 if modes[0] == 0 else 5)
                until(0.12, change)
                os.ftruncate(tool, 5); os.fchmod(held, 0o755); os.close(held); os.close(tool)
            """#)
        let spool = try Daemon.shared.spool
        let set = try await Command.check(["find", spool.outbox(), "-type", "f", "-perm", "/6000"])
        #expect(set.isEmpty, "\(set)")
    }
}
