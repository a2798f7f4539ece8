internal import Glibc
internal import Linux
internal import SystemPackage
internal import TestSupport
internal import Testing
internal import Trees

@Suite struct TreeRemoveTests {
    let scratch: Scratch
    let deep = "import os\nfor i in range(10000): os.mkdir(\"d\"); os.chdir(\"d\"); open(\"f\", \"w\")"

    init() throws { scratch = try Scratch() }

    @Test(arguments: ["echo a > t", "ln -s /etc t", "mkfifo t", "mkdir t", ":", "mkdir -p t/a/b/c; echo x > t/a/f"])
    func anything(script: String) throws {
        scratch.sh(script)
        try TreeRemove.remove("t", in: scratch.root)
        #expect(!scratch.root.has("t"))
    }

    @Test func linksAreNotFollowed() throws {
        scratch.sh("mkdir keep t; echo a > keep/f; ln -s ../keep t/l; ln -s keep l")
        try TreeRemove.remove("t", in: scratch.root)
        try TreeRemove.remove("l", in: scratch.root)
        #expect(try scratch.content("keep/f") == "a\n")
    }

    @Test func tenThousandLevelsAndManyNames() throws {
        scratch.sh("mkdir t; cd t; seq 5000 | xargs touch; : > .moved-1; python3 -c '\(deep)'")
        try TreeRemove.remove("t", in: scratch.root)
        #expect(!scratch.root.has("t"))
    }

    @Test(.enabled(if: isRoot, "becoming another user needs root"))
    func asAnOrdinaryUser() throws {
        scratch.sh("mkdir t; cd t; python3 -c '\(deep)'; mkdir z; : > z/f; chmod 0 z; chmod 500 d/d; chown -R 4321 ..")
        try asOrdinaryUser(4321) { [scratch] in try TreeRemove.remove("t", in: scratch.root) }
        #expect(!scratch.root.has("t"))
    }

    @Test(.enabled(if: isRoot, "foreign directories need root"))
    func theRestIsRemoved() throws {
        scratch.sh("mkdir -p t/a t/b t/c; : > t/a/f; : > t/b/stays; : > t/c/f; chown -R 4321 .; chown 0 t/b")
        try asOrdinaryUser(4321) { [scratch] in
            do {
                try TreeRemove.remove("t", in: scratch.root)
                Issue.record("what belongs to root was removed")
            } catch let failure as TreeFailure {
                #expect(String(decoding: failure.path, as: UTF8.self).hasPrefix("t/b"))
                #expect(failure.errno == .notPermitted || failure.errno == .permissionDenied)
            }
        }
        #expect(try scratch.listing("t").map { $0.split(separator: " ").last ?? "" } == ["b", "b/stays"])
    }

    @Test(.enabled(if: isRoot, "mounts need root"))
    func mountsAreLeftAlone() throws {
        scratch.sh("mkdir -p t/m t/x; mount -t tmpfs none t/m; : > t/m/f")
        defer { scratch.sh("umount t/m") }
        #expect(throws: TreeFailure.self) { try TreeRemove.remove("t", in: scratch.root) }
        scratch.sh("[ -e t/m/f ] && [ ! -e t/x ]")
    }
}
