import Glibc
import Linux
import TestSupport
import Testing
import Trees

@Suite("Counting a tree that is being written to")
struct TreeSampleTests {
    private func sample(_ scratch: Scratch, bytes: Int64 = .max / 4, entries: Int64 = .max / 4) -> TreeSample {
        TreeSample.take("tree", in: scratch.root, bytes: bytes, entries: entries)
    }

    @Test("Bytes are those on disk, and no more than can be read")
    func bytes() throws {
        let scratch = try Scratch()
        scratch.sh("mkdir tree; head -c 100000 /dev/zero >tree/full; truncate -s 1T tree/sparse; printf x >tree/small")
        scratch.sh("ln tree/full tree/again; mkdir tree/sub; head -c 5000 /dev/zero >tree/sub/file; ln -s / tree/link")
        let found = sample(scratch)
        #expect((105_001...110_000).contains(found.bytes), "\(found.bytes)")
        #expect(found.entries == 7)
        #expect(TreeSample.take("none", in: scratch.root, bytes: 1, entries: 1).entries == 0)
    }

    @Test("It ends soon over a limit")
    func limits() throws {
        let scratch = try Scratch()
        scratch.sh("mkdir tree; cd tree; seq 3000 | xargs touch; mkdir sub; head -c 9000 /dev/zero >sub/file")
        #expect(sample(scratch, entries: 10).entries == 11)
        #expect(sample(scratch).entries == 3002)
        #expect(sample(scratch, bytes: 100).bytes > 100)
    }

    /// Deeper than PATH_MAX and than there are descriptors for, and a directory that its owner has closed.
    @Test("Nothing is hidden by depth or mode")
    func depth() throws {
        let scratch = try Scratch()
        scratch.sh(
            """
            python3 -c 'import os
            os.mkdir("tree"); os.chdir("tree")
            for _ in range(6000): os.mkdir("d"); os.chdir("d")
            open("deep", "wb").write(bytes(300000))'
            """)
        let deep = sample(scratch)
        #expect(deep.entries == 6001 && deep.bytes >= 300_000, "\(deep)")
        guard geteuid() == 0 else { return }
        scratch.sh(
            "mkdir tree/closed; head -c 200000 /dev/zero >tree/closed/file; chown -R 64123 tree/closed; chmod 0 tree/closed"
        )
        #expect(sample(scratch).bytes >= 500_000)
    }
}
