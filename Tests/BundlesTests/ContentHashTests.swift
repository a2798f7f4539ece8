import Bundles
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct ContentHashTests {
    @Test func ofFile() throws {
        let scratch = try Scratch()
        try scratch.write("a", "abc")
        try scratch.write("big", String(repeating: "a", count: 1_000_000))
        let small = try scratch.root.open("a", O_RDONLY)
        #expect(
            try ContentHash.ofFile(small.rawValue) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        let big = try scratch.root.open("big", O_RDONLY)
        #expect(
            try ContentHash.ofFile(big.rawValue) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// The expected lines are written out here; only their hash is computed by the same library.
    @Test func ofTree() throws {
        let scratch = try Scratch()
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        try scratch.write("main.py", "abc", mode: 0o755)
        try scratch.write("data/a", "abc", mode: 0o600)
        try scratch.write("data/a\\\nb", "abc")
        try scratch.root.makeDirectory("empty")
        try scratch.root.makeLink("link", to: Array("abc".utf8))
        let lines = [
            "d - - data\n", "d - - empty\n", "f - \(abc) data/a\n", "f - \(abc) data/a\\\\\\nb\n",
            "f x \(abc) main.py\n", "l - \(abc) link\n",
        ]
        #expect(try ContentHash.ofTree(scratch.root) == ContentHash.of(Array(lines.joined().utf8)))
    }

    @Test func whatCountsAndWhatNot() throws {
        func hash(_ change: (Scratch) throws -> Void) throws -> String {
            let scratch = try Scratch()
            try scratch.write("a", "1")
            try change(scratch)
            return try ContentHash.ofTree(scratch.root)
        }
        let plain = try hash { _ in }
        #expect(try hash { chmod($0.path + "/a", 0o600) } == plain)
        #expect(try hash { chmod($0.path + "/a", 0o654) } != plain)
        #expect(try hash { try $0.write("b", "") } != plain)
        #expect(try hash { try $0.root.rename("a", to: "b") } != plain)
    }

    @Test func whatIsNoBundle() throws {
        let scratch = try Scratch()
        mkfifo(scratch.path + "/fifo", 0o600)
        #expect(throws: Errno.invalidArgument) { try ContentHash.ofTree(scratch.root) }
    }

    /// More levels than a process may have descriptors, and more than a path can say.
    @Test func depth() throws {
        let scratch = try Scratch()
        var directories = [scratch.root]
        for level in 0..<2100 {
            let next = try directories[directories.count - 1].makeOrOpenDirectory("d")
            directories = [next]
            if level == 1500 { _ = try ContentHash.ofTree(scratch.root) }
        }
        #expect(throws: Errno.fileNameTooLong) { try ContentHash.ofTree(scratch.root) }
        // One level at a time from the top: the test's own way of removing goes by recursion.
        while let below = try? scratch.root.directory("d") {
            if (try? below.rename("d", to: "e", in: scratch.root)) == nil {
                try scratch.root.removeDirectory("d")
                break
            }
            try scratch.root.removeDirectory("d")
            try scratch.root.rename("e", to: "d")
        }
    }
}
