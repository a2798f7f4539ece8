internal import Glibc
internal import Linux
internal import SystemPackage
internal import TestSupport
internal import Testing
internal import Trees

@Suite struct TreeCleanTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func clean(
        _ script: String, bytes: Int64 = 1 << 20, entries: Int = 1000, depth: Int = 128, script user: UInt32? = nil,
        newOwner: Ownership? = nil
    ) throws -> TreeReport {
        scratch.sh("mkdir upper; cd upper; \(script)")
        return try TreeClean.clean(
            "upper", in: scratch.root, script: user.map { [$0] },
            limits: TreeLimits(bytes: bytes, entries: entries, depth: depth),
            newOwner: newOwner)
    }

    @Test func modes() throws {
        let me = getuid()
        let report = try clean(
            "mkdir -p d/e; echo a > d/a; cp /bin/true d/e/run; chmod 6755 d/e/run; chmod 0 d/a d/e; chmod 3777 d; chmod 0 ."
        )
        #expect(report.isClean)
        #expect(report.entries == 4)
        #expect(
            try scratch.listing("upper") == [
                "d 750 \(me) d", "d 750 \(me) d/e", "f 640 \(me) d/a", "f 750 \(me) d/e/run",
            ])
        #expect(try scratch.root.status(of: "upper").permissions == 0o750)
    }

    @Test func specialFilesAndLinks() throws {
        let report = try clean(
            "mkfifo p; ln -s /etc/shadow s; ln -s ../x up; ln -s f ok; echo a > f; mkdir d; ln -s ../f d/l")
        #expect(report.problemCount == 3)
        #expect(
            Set(
                report.problems.map {
                    "\(String(decoding: $0.path, as: UTF8.self)) \($0.kind.word) \($0.code.rawValue)"
                }) == [
                    "p fifo special_file", "s link link_leaves", "up link link_leaves",
                ])
        #expect(try scratch.listing("upper").map { $0.split(separator: " ").last ?? "" } == ["d", "f", "d/l", "ok"])
    }

    @Test func anEnvironmentMayUseTheHostsPrograms() throws {
        scratch.sh(
            """
            mkdir -p env/bin env/lib; cd env; ln -s lib lib64; ln -s /usr/bin/python3 bin/python3; ln -s python3 bin/python
            ln -s /usr/../etc/shadow bin/up; ln -s /etc/shadow bin/etc; ln -s /usr bin/usr; ln -s ../../x bin/out; mkfifo p
            echo a >lib/a; cp /bin/true bin/run; chmod 6777 bin/run; chmod 3777 lib
            """)
        let report = try TreeClean.clean(
            "env", in: scratch.root, script: nil, limits: TreeLimits(bytes: 1 << 20, entries: 1000), newOwner: nil,
            purpose: .environment)
        #expect(
            Set(report.problems.map { String(decoding: $0.path, as: UTF8.self) }) == [
                "bin/up", "bin/etc", "bin/usr", "bin/out", "p",
            ])
        let me = getuid()
        #expect(
            try scratch.listing("env") == [
                "d 755 \(me) bin", "d 755 \(me) lib", "f 644 \(me) lib/a", "f 755 \(me) bin/run",
                "l 777 \(me) bin/python", "l 777 \(me) bin/python3", "l 777 \(me) lib64",
            ])
    }

    @Test(.enabled(if: isRoot, "devices and foreign files need root"))
    func whiteoutsDevicesAndForeignFiles() throws {
        let report = try clean(
            """
            mknod gone c 0 0; mkdir -p only/deeper; mknod only/deeper/gone c 0 0; mkdir mixed; mknod mixed/gone c 0 0
            echo a > mixed/kept; mknod null c 1 3; echo b > foreign; chown -R 7000 .; chown 0 foreign; mkdir empty; chown 7000 empty
            """, script: 7000, newOwner: Ownership(owner: 8000, group: 8001))
        #expect(
            Set(report.problems.map { "\(String(decoding: $0.path, as: UTF8.self)) \($0.code.rawValue)" }) == [
                "null special_file", "foreign foreign_owner",
            ])
        #expect(try scratch.listing("upper") == ["d 750 8000 empty", "d 750 8000 mixed", "f 640 8000 mixed/kept"])
        #expect(report.entries == 3)
        #expect(try scratch.root.status(of: "upper").group == 8001)
    }

    /// Cleaned once more after a crash, it tells what is not there any more.
    @Test func aJournalRemembersWhatWasDropped() throws {
        let journal = TreeJournal("dropped", in: scratch.root)
        func clean() throws -> TreeReport {
            try TreeClean.clean(
                "upper", in: scratch.root, script: nil, limits: TreeLimits(bytes: 100, entries: 2), newOwner: nil,
                journal: journal)
        }
        scratch.sh("mkdir upper; cd upper; mkfifo p; echo a >a; echo b >b; echo c >c; echo d >d")
        let first = try clean()
        #expect(first.problemCount == 3 && first.exceeded == [.outputFiles] && first.entries == 2)
        let second = try clean()
        #expect(second == first)
        #expect(try journal.report().problems == first.problems)
        try journal.clear()
        #expect(try clean().isClean)
        #expect(try journal.report() == TreeReport())
        // Where nothing is dropped, nothing is written.
        #expect(!scratch.root.has("dropped"))
    }

    @Test(.enabled(if: isRoot, "mounts need root"))
    func realOverlay() throws {
        scratch.sh(
            """
            mkdir -p lower/data/deep lower/whole upper work m; echo a > lower/data/x; echo b > lower/data/deep/y
            echo c > lower/whole/z; mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work,userxattr m
            (cd m; rm data/deep/y; rm -rf whole; mkdir whole; echo n > whole/n; echo t > data/x; ln -s data/x l); umount m
            """)
        let report = try TreeClean.clean(
            "upper", in: scratch.root, script: nil, limits: TreeLimits(bytes: 100, entries: 10), newOwner: nil)
        #expect(report.isClean)
        #expect(
            try scratch.listing("upper") == [
                "d 750 0 data", "d 750 0 whole", "f 640 0 data/x", "f 640 0 whole/n", "l 777 0 l",
            ])
        scratch.sh("python3 -c 'import os,sys; sys.exit(sum(len(os.listxattr(p[0])) for p in os.walk(\"upper\")))'")
        try TreeRemove.remove("work", in: scratch.root)
    }

    @Test func attributes() throws {
        let report = try clean(
            """
            mkdir d; echo a > d/f; : > hidden; python3 -c '
            import os
            os.setxattr("d", "user.overlay.opaque", b"y"); os.setxattr("d/f", "user.note", b"x")
            os.setxattr("hidden", "user.overlay.whiteout", b"y"); os.setxattr(".", "user.note", b"x")'
            """)
        #expect(report.isClean)
        #expect(report.entries == 2)
        scratch.sh(
            "python3 -c 'import os,sys; sys.exit(sum(len(os.listxattr(\"upper\" + p)) for p in [\"\", \"/d\", \"/d/f\"]))'"
        )
        #expect(try !scratch.directory("upper").has("hidden"))
    }

    @Test func bytesOver() throws {
        let report = try clean("head -c 1000 /dev/zero > a; truncate -s 1T sparse", bytes: 1500)
        #expect(report.exceeded == [.output])
        #expect(report.bytes == 1000)
        #expect(report.problems.map(\.code) == [.tooLarge])
        scratch.sh("[ -e upper/a ] && [ ! -e upper/sparse ]")
    }

    @Test func entriesOver() throws {
        let report = try clean("seq 3000 | xargs touch; mkdir -p x/y/z", entries: 100)
        #expect(report.exceeded == [.outputFiles])
        #expect(report.entries <= 100)
        #expect(report.problemCount >= 2900)
        #expect(report.problems.count == 100)
        #expect(try scratch.listing("upper").count == report.entries)
    }

    @Test func tenThousandLevels() throws {
        let deep = "import os\nfor i in range(10000): os.mkdir(\"d\"); os.chdir(\"d\")\nopen(\"f\", \"w\")"
        let report = try clean("python3 -c '\(deep)'", entries: 100_000, depth: 20)
        #expect(report.problems.map(\.code) == [.tooDeep])
        #expect(report.entries == 19)
        #expect(try scratch.listing("upper").count == 19)
    }

    @Test func hardLinks() throws {
        let report = try clean("echo abc > a; ln a b; mkdir d; ln a d/c")
        #expect(report.isClean)
        #expect(report.bytes == 12)
    }

    @Test(.enabled(if: isRoot, "becoming another user needs root"))
    func asAnOrdinaryUser() throws {
        scratch.sh(
            """
            mkdir -p upper/d/e; echo a > upper/d/e/f; mkdir upper/x; : > upper/x/y; mkfifo upper/d/p; chmod 777 .
            chmod 0 upper/d/e/f upper/d/e upper/d upper; chmod 500 upper/x; chown -R 4321 .
            """)
        try asOrdinaryUser(4321) { [scratch] in
            let report = try TreeClean.clean(
                "upper", in: scratch.root, script: [4321], limits: TreeLimits(bytes: 100, entries: 100),
                newOwner: nil)
            #expect(report.problems.map(\.code) == [.specialFile])
            #expect(report.entries == 5)
        }
        #expect(
            try scratch.listing("upper") == [
                "d 750 4321 d", "d 750 4321 d/e", "d 750 4321 x", "f 640 4321 d/e/f", "f 640 4321 x/y",
            ])
    }

    @Test func missing() throws {
        #expect(throws: TreeFailure.self) {
            try TreeClean.clean(
                "gone", in: scratch.root, script: nil, limits: TreeLimits(bytes: 0, entries: 0), newOwner: nil)
        }
    }
}
