import Foundation
import Testing

/// THREATS, drops 4: symlinks. Nothing outside a bundle is read, whatever its links say; those that stay inside are kept.
@Suite("drops 4: symlinks", .sharedDaemon()) struct LinkThreatTests {
    enum Outcome: Sendable { case rejected, runs }

    static let inside: [(phrase: String, link: String, target: String, outcome: Outcome)] = [
        ("absolute", "link", "/etc/hostname", .rejected),
        ("absolute into the bundle's later place", "link", "/bundle/data", .rejected),
        ("relative and leaving", "link", "../../../../../../etc/hostname", .rejected),
        ("relative and leaving by one", "link", "..", .rejected),
        ("leaving and coming back", "link", "../links-x/data", .rejected),
        ("leaving from below", "sub/link", "../../data", .rejected),
        ("dangling", "link", "nothing", .runs),
        ("dangling and leaving", "link", "../nothing", .rejected),
        ("looping", "link", "link", .runs),
        ("staying", "sub/link", "../data", .runs),
        ("to itself as a directory", "link", ".", .runs),
        ("to another bundle", "link", "../other/main.sh", .rejected),
        ("to the history file", "link", "../../../history/history.sqlite", .rejected),
    ]

    @Test("in a directory", arguments: inside.indices) func inDirectory(_ index: Int) async throws {
        try await judge(index, archived: false)
    }

    @Test("in an archive", arguments: inside.indices) func inArchive(_ index: Int) async throws {
        try await judge(index, archived: true)
    }

    private func judge(_ index: Int, archived: Bool) async throws {
        let spool = try Daemon.shared.spool
        let item = Self.inside[index]
        let name = "links\(archived ? "-tar" : "")\(index)"
        try await spool.shell(
            #"""
            mkdir -p $NAME/sub; echo data > $NAME/data; echo 'cat data; ls -l '"$LINK"' >&2' > $NAME/main.sh
            ln -s "$TARGET" "$NAME/$LINK"
            if [ $ARCHIVED = true ]; then tar cf $NAME.tar -C $NAME .; mv $NAME.tar $INBOX/; else mv $NAME $INBOX/; fi
            """#, environment: ["NAME": name, "LINK": item.link, "TARGET": item.target, "ARCHIVED": "\(archived)"])
        let result = try await spool.result(of: archived ? name + ".tar" : name)
        switch item.outcome {
        case .rejected:
            #expect(result.state == "rejected", "\(item.phrase): \(result)")
            #expect(result.errorCodes == ["link_leaves"], "\(item.phrase): \(result)")
            #expect(result.errors.first?["file"] as? String == item.link, "\(item.phrase): \(result.errors)")
        case .runs:
            #expect(result.state == "succeeded", "\(item.phrase): \(result)")
            #expect(result.stdout == "data\n")
        }
    }

    @Test(
        "as manifest, entry and input",
        arguments: [
            ("manifest.yaml", "/etc/hostname"), ("manifest.yaml", "other.yaml"), ("main.sh", "/bin/sh"),
            ("main.sh", "main.sh"),
            ("main.sh", "nothing"), ("input", "../../../history/history.sqlite"), ("input", "input"),
            ("input", "nothing"),
        ])
    func special(_ link: String, _ target: String) async throws {
        let spool = try Daemon.shared.spool
        let name = spool.freshName("special")
        try await spool.shell(
            #"""
            mkdir $NAME; echo 'cat' > $NAME/main.sh; echo 'title: x' > $NAME/other.yaml
            echo '{entry: main.sh, input: {file: input}}' > $NAME/manifest.yaml; echo in > $NAME/input
            ln -sf "$TARGET" "$NAME/$LINK"; mv $NAME $INBOX/
            """#, environment: ["NAME": name, "LINK": link, "TARGET": target])
        let result = try await spool.result(of: name)
        #expect(result.state == "rejected", "\(result)")
        #expect(result.stdout == "")
    }

    @Test("a link inside the bundle may be its entry and its input") func insideLinksWork() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            mkdir -p inlinks/real; echo 'cat; cat ../l-data' > inlinks/real/job.sh; ln -s real/job.sh inlinks/main.sh
            echo text > inlinks/real/data; ln -s real/data inlinks/l-data
            echo '{entry: main.sh, input: {file: l-data}}' > inlinks/manifest.yaml; sed -i 's/..\\/l-data/l-data/' inlinks/real/job.sh
            mv inlinks $INBOX/
            """)
        let result = try await spool.result(of: "inlinks")
        #expect(result.stdout == "text\ntext\n", "\(result)")
    }

    @Test(
        "as the dropped entry itself",
        arguments: ["/etc/hostname", "../../history/history.sqlite", "nothing", "entry-link.sh", "/", "../default"])
    func asEntry(_ target: String) async throws {
        let daemon = try Daemon.shared
        let name = daemon.spool.freshName("entry-link")
        try await daemon.spool.shell("ln -s '\(target)' \(name).sh; mv \(name).sh $INBOX/")
        let result = try await daemon.spool.result(of: name + ".sh")
        #expect(result.state == "rejected", "\(result)")
        #expect(result.errorCodes == ["special_file"], "\(result)")
    }

    @Test("a link made in place") func madeInPlace() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell("ln -s /etc/hostname $INBOX/in-place.sh")
        #expect(try await spool.result(of: "in-place.sh").state == "rejected")
    }

    @Test("file ↔ symlink swapped between check and open", .needs("python3"), .needsRoot)
    func swapped() async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        // Only root and the spool's owner may read it: what the dropper could read himself proves nothing.
        let secret = "secret-" + UUID().uuidString
        let target = spool.path + "/state/secret"
        try await spool.shell("echo \(secret) > \(target); chmod 600 \(target)", as: spool.owner)
        try await spool.shell(
            #"""
            python3 - "$TARGET" <<'END'
            import ctypes, os, sys, time
            libc = ctypes.CDLL(None, use_errno=True)
            for n in range(40):
                name = f"swap-{n}"
                os.mkdir(name)
                for file in ("data", "main.sh", "manifest.yaml"):
                    open(f"{name}/{file}", "w").write({"data": "mine", "main.sh": "cat data main.sh manifest.yaml",
                        "manifest.yaml": "{title: mine, input: {file: data}}"}[file])
                    os.symlink(sys.argv[1], f"{name}/.{file}")
                held = os.open(name, os.O_RDONLY)
                os.rename(name, f"{os.environ['INBOX']}/{name}")
                end = time.monotonic() + 0.15
                while time.monotonic() < end:
                    for file in (b"data", b"main.sh", b"manifest.yaml"):
                        libc.renameat2(held, file, held, b"." + file, 2)
                os.close(held)
            END
            """#, environment: ["TARGET": target])
        for number in 0..<40 { _ = try await spool.result(of: "swap-\(number)") }
        // -r does not follow the links that came back in `sent`.
        let found = try await Command.run(["grep", "-rl", "--", secret, spool.path + "/outbox", spool.path + "/active"])
        #expect(found.code == 1, "\(found.output)")
        #expect(!daemon.log.contains(secret))
        daemon.expectWell()
    }
}
