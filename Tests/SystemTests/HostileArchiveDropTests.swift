import Testing

/// THREATS 8: archives with `../` and absolute names, links and devices inside, overlapping zip bomb, nested bomb, 1,000,000
/// entries, lying sizes, the same name twice, truncated, trailing rubbish.
@Suite(
    .inTurn, .sharedDaemon(settings: Brisk.settings(intake: "max_bundle_size: 64MiB")), .needs("python3", "tar"))
struct HostileArchiveDropTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let ending: String
        /// Python that writes the archive to `path`.
        let program: String
        /// The states that the contract allows.
        var states = ["rejected"]
        var testDescription: String { name }
    }

    private static let tar = """
        import io, tarfile
        archive = tarfile.open(path, "w")
        def add(name, data=b":\\n", kind=tarfile.REGTYPE, link="", **more):
            entry = tarfile.TarInfo(name); entry.type = kind; entry.linkname = link; entry.size = len(data)
            for key, value in more.items(): setattr(entry, key, value)
            archive.addfile(entry, io.BytesIO(data))
        add("main.sh", b"ls -R; cat data 2>/dev/null; :\\n")

        """

    static let cases: [Case] = [
        Case(name: "dotdot", ending: ".tar", program: tar + "add('../escaped')\narchive.close()"),
        Case(name: "dotdot-inside", ending: ".tar", program: tar + "add('a/../../escaped')\narchive.close()"),
        Case(name: "absolute", ending: ".tar", program: tar + "add('/tmp/bobbin-escaped')\narchive.close()"),
        Case(
            name: "zip-dotdot", ending: ".zip",
            program: """
                import zipfile
                with zipfile.ZipFile(path, "w") as z: z.writestr("main.sh", ":"); z.writestr("../escaped", ":")
                """),
        Case(
            name: "zip-absolute", ending: ".zip",
            program: """
                import zipfile
                with zipfile.ZipFile(path, "w") as z: z.writestr("main.sh", ":"); z.writestr("/tmp/bobbin-escaped", ":")
                """),
        Case(
            name: "link-leaving", ending: ".tar",
            program: tar + "add('l', b'', tarfile.SYMTYPE, '../../../etc/passwd')\narchive.close()"),
        Case(
            name: "link-absolute", ending: ".tar",
            program: tar + "add('l', b'', tarfile.SYMTYPE, '/etc/passwd')\narchive.close()"),
        Case(
            name: "link-then-through-it", ending: ".tar",
            program: tar + "add('d', b'', tarfile.SYMTYPE, '/tmp')\nadd('d/bobbin-escaped')\narchive.close()"),
        Case(
            name: "hardlink-out", ending: ".tar",
            program: tar + "add('h', b'', tarfile.LNKTYPE, '/etc/passwd')\narchive.close()"),
        Case(
            name: "device", ending: ".tar",
            program: tar + "add('null', b'', tarfile.CHRTYPE, devmajor=1, devminor=3)\narchive.close()"),
        Case(name: "fifo", ending: ".tar", program: tar + "add('p', b'', tarfile.FIFOTYPE)\narchive.close()"),
        Case(
            // As David Fifield's: many central entries that all name the same compressed megabytes.
            name: "overlapping-zip-bomb", ending: ".zip",
            program: """
                import io, struct, zipfile
                one = io.BytesIO()
                with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as z:
                    z.writestr("main.sh", ":\\n"); z.writestr("bomb", bytes(16 << 20))
                data = one.getvalue()
                end = data.rindex(b"PK\\5\\6"); start = struct.unpack("<I", data[end + 16:end + 20])[0]
                central = data[start:end]; second = central.index(b"PK\\1\\2", 4)
                bomb = central[second:]
                entries = central[:second]
                for i in range(5000): entries += bomb[:28] + struct.pack("<H", 6) + bomb[30:46] + b"b%05d" % i + bomb[50:]
                rest = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 5001, 5001, len(entries), start, 0)
                open(path, "wb").write(data[:start] + entries + rest)
                """),
        Case(
            name: "gzip-bomb", ending: ".tar.gz",
            program: """
                import gzip, tarfile
                with gzip.open(path, "wb", 9) as out:
                    entry = tarfile.TarInfo("zeros"); entry.size = 4 << 30
                    out.write(entry.tobuf()); [out.write(bytes(1 << 20)) for _ in range(256)]
                """),
        Case(
            // An archive in an archive is only a file.
            name: "nested-bomb", ending: ".zip",
            program: """
                import io, zipfile
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("zeros", bytes(64 << 20))
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
                    z.writestr("main.sh", "ls\\n"); z.writestr("inner.zip", inner.getvalue())
                """, states: ["succeeded"]),
        Case(
            name: "million-entries", ending: ".tar.gz",
            program: """
                import gzip, tarfile
                with gzip.open(path, "wb", 1) as out:
                    entry = bytearray(tarfile.TarInfo("0000000").tobuf(tarfile.USTAR_FORMAT))
                    base = sum(entry[:148]) + 8 * 32 + sum(entry[156:]) - 7 * 48
                    for i in range(1000000):
                        name = b"%07d" % i
                        entry[0:7] = name; entry[148:156] = b"%06o\\0 " % (base + sum(name))
                        out.write(entry)
                    out.write(bytes(1024))
                """),
        Case(
            name: "lying-size-tar", ending: ".tar",
            program: tar + """
                archive.close()
                entry = tarfile.TarInfo("data"); entry.size = 8 << 30
                open(path, "r+b").write(entry.tobuf() + b"few")
                """),
        Case(
            name: "lying-size-zip", ending: ".zip",
            program: """
                import zipfile
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("main.sh", ":\\n" * 10000)
                data = bytearray(open(path, "rb").read())
                at = data.index(b"PK\\1\\2") + 24; data[at:at + 4] = (5).to_bytes(4, "little")
                data[22:26] = (5).to_bytes(4, "little")
                open(path, "wb").write(data)
                """),
        Case(name: "twice-tar", ending: ".tar", program: tar + "add('x')\nadd('x', b'other')\narchive.close()"),
        Case(name: "twice-dot", ending: ".tar", program: tar + "add('x')\nadd('./x', b'other')\narchive.close()"),
        Case(
            name: "twice-zip", ending: ".zip",
            program: """
                import warnings, zipfile
                warnings.simplefilter("ignore")
                with zipfile.ZipFile(path, "w") as z: z.writestr("main.sh", ":"); z.writestr("x", "1"); z.writestr("x", "2")
                """),
        Case(
            name: "truncated-tar", ending: ".tar",
            program: tar + "add('data', b'x' * 4096)\narchive.close()\nopen(path, 'r+b').truncate(2500)"),
        Case(
            name: "truncated-gzip", ending: ".tar.gz",
            program: tar + """
                add('data', bytes(range(256)) * 400); archive.close()
                import gzip; data = gzip.compress(open(path, "rb").read()); open(path, "wb").write(data[:-20])
                """),
        Case(
            name: "truncated-zip", ending: ".zip",
            program: """
                import zipfile
                with zipfile.ZipFile(path, "w") as z: z.writestr("main.sh", ":\\n" * 500)
                data = open(path, "rb").read(); open(path, "wb").write(data[:-30])
                """),
        Case(
            name: "rubbish-after-gzip", ending: ".tar.gz",
            program: tar + """
                archive.close()
                import gzip, os; data = gzip.compress(open(path, "rb").read())
                open(path, "wb").write(data + os.urandom(5000))
                """, states: ["rejected", "succeeded"]),
        Case(
            name: "rubbish-after-tar", ending: ".tar",
            program: tar + "archive.close()\nopen(path, 'ab').write(b'rubbish' * 999)",
            states: ["rejected", "succeeded"]),
        Case(name: "empty", ending: ".tar.gz", program: "open(path, 'wb')"),
        Case(name: "no-archive", ending: ".zip", program: "open(path, 'wb').write(b'PK' + bytes(100))"),
    ]

    @Test(arguments: cases) func endsInAStateAndWritesNowhereElse(_ each: Case) async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let entry = each.name + each.ending
        let program = try spool.makeFile(Array(("import sys\npath = sys.argv[1]\n" + each.program).utf8))
        try await spool.shell("python3 \(program) \"$SCRATCH/\(entry)\" && mv \"$SCRATCH/\(entry)\" \"$INBOX/\"")
        let result = try await spool.result(of: entry, within: .seconds(90))
        #expect(each.states.contains(result.state ?? ""), "\(result)")
        if result.state == "rejected" {
            #expect(!result.errors.isEmpty, "\(result)")
            // Kept for its owner, as it was sent.
            #expect(result.has("sent"))
        }
        #expect(!spool.exists("/tmp/bobbin-escaped"))
        // Other runs' directories come and go while it looks.
        let found = try await spool.shell("find \"$SPOOL\" -name '*escaped*' 2>/dev/null || :", as: spool.owner)
        #expect(found.isEmpty)
        #expect(daemon.isAlive)
    }
}
