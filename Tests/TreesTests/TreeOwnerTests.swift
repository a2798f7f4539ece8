internal import Glibc
internal import Linux
internal import SystemPackage
internal import TestSupport
internal import Testing
internal import Trees

@Suite(.enabled(if: isRoot, "giving away needs root")) struct TreeOwnerTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func wholeTree() throws {
        scratch.sh("echo s > secret; mkdir -p t/d; : > t/d/f; ln -s ../secret t/l; chmod 4755 t/d/f; chmod 600 t/d")
        try TreeOwner.give("t", in: scratch.root, to: Ownership(owner: 5000, group: 5001), modes: .withoutSetID)
        #expect(try scratch.listing("t") == ["d 600 5000 d", "f 755 5000 d/f", "l 777 5000 l"])
        #expect(try scratch.root.status(of: "t").group == 5001)
        #expect(try scratch.root.status(of: "secret").owner == 0)
    }

    @Test func othersFilesStayTheirs() throws {
        scratch.sh("mkdir t; : > t/a; : > t/b; chmod 4755 t/a; chown -R 5000 t; chown 0 t/a; chmod 4755 t/a")
        try TreeOwner.give(
            "t", in: scratch.root, to: Ownership(owner: 6000, group: 6000), from: [5000], modes: .bundle)
        #expect(try scratch.listing("t") == ["f 4755 0 a", "f 644 6000 b"])
    }

    @Test func beyondDescriptorsAndPaths() throws {
        let deep =
            "import os\nfor i in range(4000):\n os.mkdir(\"d\"); open(\"a\", \"w\"); open(\"z\", \"w\"); os.chdir(\"d\")"
        scratch.sh("mkdir t; cd t; python3 -c '\(deep)'")
        try TreeOwner.give("t", in: scratch.root, to: Ownership(owner: 5000, group: 5000))
        // `find` takes seconds for such a tree.
        let check =
            "import os\nfor i in range(4000):\n  assert {os.stat(n).st_uid for n in [\".\", \"a\", \"z\"]} == {5000}\n  os.chdir(\"d\")"
        scratch.sh("cd t; python3 -c '\(check)'")
    }

    @Test(arguments: [(3, false), (2, true)])
    func count(limit: Int, larger: Bool) throws {
        scratch.sh("mkdir -p t/d; echo a > t/d/f; : > t/g")
        #expect(TreeCount.isLarger(than: limit, in: try scratch.directory("t")) == larger)
        #expect(TreeCount.isLarger(than: 10, bytes: 1, in: try scratch.directory("t")))
        #expect(!TreeCount.isLarger(than: 10, bytes: 2, in: try scratch.directory("t")))
    }
}
