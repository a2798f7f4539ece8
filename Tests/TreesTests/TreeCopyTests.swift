internal import Glibc
internal import Linux
internal import SystemPackage
internal import TestSupport
internal import Testing
internal import Trees

@Suite struct TreeCopyTests {
    let scratch: Scratch
    let limits = TreeLimits(bytes: 1 << 20, entries: 1000)

    init() throws { scratch = try Scratch() }

    private func copy(
        _ script: String, owner: UInt32? = nil, limits: TreeLimits? = nil, newOwner: Ownership? = nil
    ) throws -> TreeReport {
        scratch.sh("mkdir in out; cd in; \(script)")
        return try TreeCopy.copyDirectory(
            scratch.directory("in"), into: scratch.directory("out"), owner: [owner ?? getuid()],
            limits: limits ?? self.limits,
            newOwner: newOwner)
    }

    @Test func filesDirectoriesAndModes() throws {
        let report = try copy(
            "mkdir -p a/b; echo one > a/one; echo two > a/b/two; chmod 4755 a/one; chmod 600 a/b/two; chmod 1777 a; : > none"
        )
        #expect(report.problems == [])
        #expect(report.entries == 5)
        #expect(report.bytes == 8)
        let me = getuid()
        #expect(
            try scratch.listing("out") == [
                "d 755 \(me) a", "d 755 \(me) a/b", "f 644 \(me) a/b/two", "f 644 \(me) none", "f 755 \(me) a/one",
            ])
        #expect(try scratch.content("out/a/one out/a/b/two") == "one\ntwo\n")
    }

    @Test func linksInsideAreKept() throws {
        let report = try copy("mkdir d; ln -s d/x l; ln -s ../l d/up; ln -s nowhere dangling; ln -s loop loop")
        #expect(report.problems == [])
        scratch.sh("[ $(readlink out/l) = d/x ] && [ $(readlink out/d/up) = ../l ] && [ $(readlink out/loop) = loop ]")
    }

    @Test(arguments: [
        ("ln -s /etc/passwd x", TreeProblem.Code.linkLeaves), ("ln -s ../x x", .linkLeaves),
        ("mkdir d; ln -s ../../x d/x", .linkLeaves), ("mkfifo x", .specialFile),
        ("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"x\")'", .specialFile),
    ])
    func refused(script: String, code: TreeProblem.Code) throws {
        let report = try copy("\(script); echo ok > other")
        #expect(report.problems.map(\.code) == [code])
        #expect(report.problems.first?.path.last == 0x78)
    }

    @Test(
        .enabled(if: isRoot, "making devices and foreign files needs root"),
        arguments: [
            ("mknod x c 1 3", TreeProblem.Code.specialFile), ("mknod x b 7 0", .specialFile),
            ("echo a > x; chown 1234 x", .foreignOwner), ("mkdir x; chown 1234 x", .foreignOwner),
            ("ln -s a x; chown -h 1234 x", .foreignOwner), ("echo a > ../f; chown 1234 ../f; ln ../f x", .foreignOwner),
            ("mkdir x; mount -t tmpfs none x; :", .otherFilesystem),
        ])
    func refusedAsRoot(script: String, code: TreeProblem.Code) throws {
        let report = try copy(script)
        scratch.sh("umount in/x 2>/dev/null || :")
        #expect(report.problems.map(\.code) == [code])
    }

    @Test(.enabled(if: isRoot, "giving away needs root"))
    func newOwner() throws {
        let report = try copy("mkdir d; echo a > d/f; ln -s d/f l", newOwner: Ownership(owner: 4321, group: 4321))
        #expect(report.isClean)
        #expect(try scratch.listing("out") == ["d 755 4321 d", "f 644 4321 d/f", "l 777 4321 l"])
    }

    @Test func hardLinksBecomeCopies() throws {
        let report = try copy("echo a > f; ln f g")
        #expect(report.bytes == 4)
        scratch.sh("[ $(stat -c %h out/f) = 1 ] && [ $(stat -c %h out/g) = 1 ]")
    }

    @Test func extendedAttributesStayBehind() throws {
        _ = try copy("echo a > f; python3 -c 'import os; os.setxattr(\"f\", \"user.x\", b\"1\")'")
        scratch.sh("python3 -c 'import os,sys; sys.exit(len(os.listxattr(\"out/f\")))'")
    }

    @Test func oddNames() throws {
        let report = try copy(
            "python3 -c 'import os\nfor n in [b\"-rf\", b\"a\\nb\", b\"\\xff\\xfe\", b\"x\"*255, \"e\\u0301\".encode(), \"\\u00e9\".encode(), b\"A\", b\"a\"]: open(n, \"w\").write(\"1\")'"
        )
        #expect(report.isClean)
        #expect(report.entries == 8)
        scratch.sh("diff -r in out")
    }

    // MARK: Limits

    @Test func bytes() throws {
        let report = try copy("truncate -s 1T sparse", limits: limits)
        #expect(report.problems.map(\.code) == [.tooLarge])
    }

    @Test(arguments: [9, 10, 11])
    func exactBytes(limit: Int64) throws {
        let report = try copy("printf 0123456789 > f", limits: TreeLimits(bytes: limit, entries: 10))
        #expect(report.isClean == (limit >= 10))
    }

    @Test(arguments: [4, 5, 6])
    func entries(limit: Int) throws {
        let report = try copy("mkdir a b; : > a/1; : > a/2; : > b/3", limits: TreeLimits(bytes: 100, entries: limit))
        #expect(report.problems.map(\.code) == (limit >= 5 ? [] : [.tooManyEntries]))
    }

    @Test func depth() throws {
        let deep = "import os\nfor i in range(10000): os.mkdir(\"d\"); os.chdir(\"d\")"
        let report = try copy("echo ok > z; python3 -c '\(deep)'", limits: TreeLimits(bytes: 100, entries: 100_000))
        #expect(report.problems.map(\.code) == [.tooDeep])
        #expect(report.problems.first?.path.count == 2 * TreeLimits.maximumDepth - 1)
    }

    @Test func sparseFilesStaySparse() throws {
        let report = try copy(
            "truncate -s 1000000 f; printf end >> f; printf x | dd of=f bs=1 seek=500000 conv=notrunc status=none; truncate -s 1048000 f"
        )
        #expect(report.isClean)
        scratch.sh("cmp in/f out/f && [ $(stat -c %b out/f) -lt 200 ]")
    }

    @Test func manyProblemsAreCounted() throws {
        let report = try copy("for i in $(seq 250); do ln -s /etc $i; done")
        #expect(report.problems.count == 100)
        #expect(report.problemCount == 250)
    }

    // MARK: One file

    @Test func oneFile() throws {
        scratch.sh("mkdir out; printf '#!/bin/sh\\n' > s; chmod 700 s; mkfifo p; ln -s s l; mkdir d")
        let out = try scratch.directory("out")
        func take(_ name: EntryName, as newName: EntryName) throws -> TreeReport {
            try TreeCopy.copyFile(
                name, of: scratch.root, as: newName, into: out, owner: [getuid()], limits: limits)
        }
        #expect(try take("s", as: "main").isClean)
        #expect(try out.status(of: "main").permissions == 0o755)
        for name: EntryName in ["p", "l", "d"] {
            #expect(try take(name, as: "x").problems.map(\.code) == [.specialFile])
        }
        #expect(try take("gone", as: "x").problems.map(\.code) == [.changed])
        #expect(!out.has("x"))
    }

    // MARK: Races and privileges

    /// A file and a link to a secret take turns under one name: what arrives is never the secret.
    @Test func swappedWhileRead() throws {
        scratch.sh("echo secret > secret; mkdir in; echo good > in/f; ln -s ../secret in/g")
        let input = try scratch.directory("in")
        var swaps: pid_t = 0
        let script =
            "import ctypes\nc=ctypes.CDLL(None)\nwhile True: c.renameat2(-100,b'\(scratch.path)/in/f',-100,b'\(scratch.path)/in/g',2)"
        let arguments =
            ["python3", "-c", script].map { (text: String) -> UnsafeMutablePointer<CChar>? in strdup(text) } + [nil]
        defer { for argument in arguments { free(argument) } }
        #expect(posix_spawnp(&swaps, "python3", nil, nil, arguments, environ) == 0)
        defer {
            kill(swaps, SIGKILL)
            waitpid(swaps, nil, 0)
        }
        var refusals = 0
        for round in 0..<3000 {
            let out = try scratch.makeDirectory(EntryName("out\(round)"))
            let report = try TreeCopy.copyDirectory(input, into: out, owner: [getuid()], limits: limits)
            if !report.isClean { refusals += 1 }
            for name: EntryName in ["f", "g"] where (try? out.status(of: name).kind) == .regular {
                #expect(try out.read(name, limit: 100) == Array("good\n".utf8))
            }
        }
        #expect(refusals > 0)
    }

    @Test(.enabled(if: isRoot, "becoming another user needs root"))
    func unreadableForAnOrdinaryUser() throws {
        scratch.sh("mkdir in out; echo a > in/f; mkdir in/d; echo b > in/ok; chmod 0 in/f in/d; chown -R 4321 in out")
        try asOrdinaryUser(4321) { [scratch, limits] in
            let report = try TreeCopy.copyDirectory(
                scratch.directory("in"), into: scratch.directory("out"), owner: [4321], limits: limits)
            #expect(report.problems.map(\.code) == [.unreadable, .unreadable])
            #expect(report.problems.map(\.path) == [Array("d".utf8), Array("f".utf8)])
        }
    }
}
