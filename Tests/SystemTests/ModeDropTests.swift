import Glibc
import Testing

/// THREATS 7: setuid, setgid, sticky, mode 0000, foreign owner, xattrs, sparse 1 TB.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings), .needsRoot)
struct ModeDropTests {
    /// Set-id bits are dropped, and none of these modes keeps a bundle from running.
    @Test(arguments: ["4755", "2755", "1755", "6777", "7777"])
    func setIDAndStickyBitsAreDropped(_ mode: String) async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            mkdir m\(mode) m\(mode)/sub; echo 'stat -c %a main.sh sub; cp -p main.sh copy; chmod 4755 copy 2>/dev/null; :' >m\(mode)/main.sh
            chmod \(mode) m\(mode)/main.sh m\(mode)/sub; mv m\(mode) "$INBOX"
            """)
        let result = try await spool.result(of: "m\(mode)")
        #expect(result.state == "succeeded", "\(result)")
        for seen in result.stdout.split(separator: "\n") {
            #expect(seen.count == 3, "a bit beyond 777 is left: \(seen)")
        }
        #expect(result.stdout.split(separator: "\n").count == 2)
        var status = stat()
        #expect(lstat(result.path + "/files/copy", &status) == 0)
        #expect(status.st_mode & 0o7000 == 0, "a set-id program lies in the outbox")
    }

    @Test(arguments: ["4755", "2755", "0000"])
    func aScriptFileOfAnyModeHasAResult(_ mode: String) async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell("echo 'echo ran' >s\(mode).sh; chmod \(mode) s\(mode).sh; mv s\(mode).sh \"$INBOX\"")
        let result = try await spool.result(of: "s\(mode).sh")
        #expect(["succeeded", "rejected"].contains(result.state), "\(result)")
        if result.state == "succeeded" { #expect(result.stdout == "ran\n") } else { #expect(!result.errors.isEmpty) }
    }

    @Test(arguments: ["bundle", "bundle/sub", "bundle/main.sh", "bundle/sub/data"])
    func modeZeroAnywhereHasAResult(_ path: String) async throws {
        let spool = try Daemon.shared.spool
        let name = "zero-" + path.split { "/.".contains($0) }.joined(separator: "-")
        try await spool.shell(
            """
            mkdir -p \(name)/bundle/sub; cd \(name); echo 'echo ran' >bundle/main.sh; echo >bundle/sub/data
            chmod 0000 \(path)
            """)
        // Renaming a directory of mode 0 into another one needs privilege: its `..` changes.
        try await spool.shell("mv \(name)/bundle \"$INBOX/\(name)\"", as: 0)
        let result = try await spool.result(of: name)
        #expect(["succeeded", "rejected"].contains(result.state), "\(result)")
        if result.state == "succeeded" { #expect(result.stdout == "ran\n", "\(result)") }
    }

    @Test(arguments: ["file", "directory"])
    func aForeignOwnerInADirectoryIsRejected(_ kind: String) async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            mkdir -p foreign-\(kind)/sub; echo : >foreign-\(kind)/main.sh; echo >foreign-\(kind)/data
            chown -R \(spool.dropper) foreign-\(kind)
            chown 64201 foreign-\(kind)/\(kind == "file" ? "data" : "sub"); mv foreign-\(kind) "$INBOX"
            """, as: 0)
        let result = try await spool.result(of: "foreign-\(kind)")
        #expect(result.state == "rejected", "\(result)")
        #expect(result.has("sent/main.sh"))
    }

    @Test(.needs("python3")) func extendedAttributesAreDropped() async throws {
        let spool = try Daemon.shared.spool
        let program = try spool.makeFile(
            Array(
                """
                import os
                for path in "xattrs", "xattrs/data", "xattrs/main.py":
                    for name in "user.bobbin", "user.overlay.opaque", "trusted.overlay.opaque": os.setxattr(path, name, b"y")
                os.setxattr("xattrs/data", "security.capability", bytes([1, 0, 0, 2, 0, 32]) + bytes(14))
                """.utf8))
        try await spool.shell(
            """
            mkdir xattrs; echo 'import os; print(os.listxattr("main.py"), os.listxattr("data"), os.listxattr("."))' >xattrs/main.py
            echo >xattrs/data; chown -R \(spool.dropper) xattrs
            python3 \(program)
            mv xattrs "$INBOX"
            """, as: 0)
        let result = try await spool.result(of: "xattrs")
        #expect(result.stdout == "[] [] []\n", "\(result)")
    }

    @Test(arguments: ["script", "directory", "archive"])
    func aSparseTerabyteIsRejectedAtOnce(_ form: String) async throws {
        let spool = try Daemon.shared.spool
        let begun = ContinuousClock.now
        switch form {
        case "script": try await spool.shell("truncate -s 1T sparse.sh; mv sparse.sh \"$INBOX\"")
        case "directory":
            try await spool.shell(
                "mkdir sparse-d; echo : >sparse-d/main.sh; truncate -s 1T sparse-d/data; mv sparse-d \"$INBOX\"")
        default: try await spool.shell("truncate -s 1T sparse-a.tar; mv sparse-a.tar \"$INBOX\"")
        }
        let entry = ["script": "sparse.sh", "directory": "sparse-d"][form] ?? "sparse-a.tar"
        let result = try await spool.result(of: entry)
        #expect(result.state == "rejected", "\(result)")
        #expect(ContinuousClock.now - begun < .seconds(30))
        // It comes back as it was: sparse.
        var status = stat()
        let sent = result.path + (form == "directory" ? "/sent/data" : "/sent")
        #expect(lstat(sent, &status) == 0 && status.st_size == 1 << 40 && status.st_blocks < 1 << 11)
    }
}
