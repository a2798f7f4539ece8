import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("A directory, reached by one name at a time")
struct DirectoryTests {
    let scratch: Scratch
    let root: Directory

    init() throws {
        scratch = try Scratch()
        root = scratch.root
    }

    private func makeFIFO(_ name: String) throws { try #require(mkfifo("\(scratch.path)/\(name)", 0o600) == 0) }

    @Test("Links are never followed, whatever they point to")
    func links() throws {
        try root.create("file", with: [1])
        try root.makeDirectory("directory")
        try root.makeLink("toFile", to: Array("file".utf8))
        try root.makeLink("toDirectory", to: Array("directory".utf8))
        try root.makeLink("dangling", to: Array("nothing".utf8))
        for name: EntryName in ["toFile", "toDirectory", "dangling"] {
            #expect(throws: Errno.tooManySymbolicLinkLevels) { _ = try root.open(name, O_RDONLY) }
            #expect(try root.status(of: name).kind == .link)
            #expect(root.has(name))
        }
        #expect(throws: Errno.notDirectory) { try root.directory("toDirectory") }
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try root.read("toFile", limit: 10) }
        #expect(throws: Errno.tooManySymbolicLinkLevels) { _ = try root.open("dangling", O_WRONLY | O_CREAT) }
        #expect(!root.has("nothing"))
        #expect(try root.target(ofLink: "toFile") == Array("file".utf8))
        #expect(throws: Errno.invalidArgument) { try root.target(ofLink: "file") }
    }

    @Test("A FIFO is opened without waiting for its other end, and never read as a file", .timeLimit(.minutes(1)))
    func fifos() throws {
        try makeFIFO("fifo")
        #expect(try root.status(of: "fifo").kind == .fifo)
        _ = try root.open("fifo", O_RDONLY)
        #expect(throws: Errno.noSuchAddressOrDevice) { _ = try root.open("fifo", O_WRONLY) }
        #expect(throws: Errno.invalidArgument) { try root.read("fifo", limit: 10) }
        #expect(throws: Errno.notDirectory) { try root.directory("fifo") }
        _ = try root.open(beneath: Array("fifo".utf8), O_RDONLY)
    }

    @Test("A file is read only up to the limit", arguments: [(0, true), (9, true), (10, true), (11, false)])
    func limits(size: Int, isRead: Bool) throws {
        let bytes = [UInt8](repeating: 7, count: size)
        try root.create("file", with: bytes)
        if isRead {
            #expect(try root.read("file", limit: 10) == bytes)
        } else {
            #expect(throws: Errno.fileTooLarge) { try root.read("file", limit: 10) }
        }
    }

    @Test("A large file is read whole")
    func large() throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try root.create("file", with: bytes)
        #expect(try root.read("file", limit: 1 << 20) == bytes)
    }

    @Test("What is made has the mode that was asked for, and must be new")
    func create() throws {
        try root.create("file", with: [1], mode: 0o666)
        #expect(try root.status(of: "file").permissions == 0o666)
        #expect(throws: Errno.fileExists) { try root.create("file", with: [2]) }
        #expect(try root.read("file", limit: 10) == [1])
    }

    @Test("A file is replaced by another inode, and a leftover of a crash is no obstacle")
    func replace() throws {
        try root.create("file", with: [1])
        let before = try root.status(of: "file")
        try root.create(".file.new", with: [9, 9, 9], mode: 0)
        let reader = try root.open("file", O_RDONLY)
        try root.replace("file", with: [2, 3], mode: 0o640)
        #expect(try root.read("file", limit: 10) == [2, 3])
        #expect(try readAll(reader.rawValue, limit: 10) == [1])
        #expect(try !root.status(of: "file").isSameFile(as: before))
        #expect(try root.status(of: "file").permissions == 0o640)
        #expect(!root.has(".file.new"))
    }

    @Test("A link in a replaced file's place goes; what it pointed to stays")
    func replaceLink() throws {
        try root.create("victim", with: [1])
        try root.makeLink("file", to: Array("victim".utf8))
        try root.makeLink(".file.new", to: Array("victim".utf8))
        try root.replace("file", with: [2])
        #expect(try root.read("victim", limit: 10) == [1])
        #expect(try root.read("file", limit: 10) == [2])
    }

    @Test("A directory in a replaced file's place, or in its spare's, is moved aside with all that is in it")
    func replaceDirectory() throws {
        for name: EntryName in ["file", ".file.new"] {
            try root.makeDirectory(name)
            try root.directory(name).create("inside", with: [7])
            try root.replace("file", with: [2, 3])
            #expect(try root.read("file", limit: 10) == [2, 3])
            try root.unlink("file")
            let aside = try #require(try root.entries().first?.name)
            #expect(try root.directory(aside).read("inside", limit: 10) == [7])
            try root.directory(aside).unlink("inside")
            try root.removeDirectory(aside)
        }
    }

    @Test("What a crash left in the way of a replaced file may be a name of another file, which stays as it is")
    func replaceBesideAHardLink() throws {
        try root.create("shared", with: [9])
        try root.makeHardLink("shared", as: ".file.new", in: root)
        try root.create("file", with: [1])
        try root.replace("file", with: [2, 3], mode: 0o640)
        #expect(try root.read("shared", limit: 10) == [9])
        #expect(try root.status(of: "shared").links == 1)
        #expect(try root.read("file", limit: 10) == [2, 3])
        #expect(!root.has(".file.new"))
    }

    @Test("A rename replaces nothing unless it is asked to")
    func rename() throws {
        try root.create("a", with: [1])
        try root.create("b", with: [2])
        #expect(throws: Errno.fileExists) { try root.rename("a", to: "b") }
        #expect(try root.read("b", limit: 10) == [2])
        try root.rename("a", to: "b", replacing: true)
        #expect(try root.read("b", limit: 10) == [1])
        #expect(!root.has("a"))
        try root.makeDirectory("other")
        let other = try root.directory("other")
        try root.rename("b", to: "c", in: other)
        #expect(try other.read("c", limit: 10) == [1])
        #expect(throws: Errno.noSuchFileOrDirectory) { try root.rename("b", to: "c", in: other) }
    }

    @Test("Every entry is listed once, however many there are, and the listing can be ended")
    func entries() throws {
        let names = Set((0..<1500).map { EntryName("entry-\($0)-" + String(repeating: "x", count: 40)) })
        for name in names { try root.create(name, with: []) }
        try root.makeDirectory("directory")
        try root.makeLink("link", to: [0x78])
        try makeFIFO("fifo")
        let all = try root.entries()
        #expect(all.count == names.count + 3)
        #expect(Set(all.map(\.name)) == names.union(["directory", "link", "fifo"]))
        // A second listing begins at the start again.
        #expect(try root.entries().count == all.count)
        let kinds = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.kind) })
        #expect(kinds["directory"] == .directory)
        #expect(kinds["link"] == .link)
        #expect(kinds["fifo"] == .fifo)
        var seen = 0
        try root.forEachEntry { _ throws(Errno) in
            seen += 1
            return seen < 3
        }
        #expect(seen == 3)
    }

    @Test("Names are bytes: those that are not UTF-8, and both spellings of an umlaut")
    func bytes() throws {
        let names: [EntryName] = [
            EntryName(bytes: [0xFF, 0xFE]), EntryName("\u{E9}"), EntryName("e\u{301}"), EntryName("a\nb"),
            EntryName(bytes: [UInt8](repeating: 0x61, count: 255)),
        ]
        for (index, name) in names.enumerated() { try root.create(name, with: [UInt8(index)]) }
        #expect(try Set(root.entries().map(\.name)) == Set(names))
        for (index, name) in names.enumerated() { #expect(try root.read(name, limit: 1) == [UInt8(index)]) }
        #expect(throws: Errno.fileNameTooLong) {
            try root.create(EntryName(bytes: [UInt8](repeating: 0x61, count: 256)), with: [])
        }
    }

    @Test("A path below a directory cannot leave it", arguments: ["up", "absolute", "sub/up", "../x", "/etc/passwd"])
    func beneath(path: String) throws {
        try root.makeDirectory("sub")
        try root.makeLink("up", to: Array("../../etc/passwd".utf8))
        try root.makeLink("absolute", to: Array("/etc/passwd".utf8))
        try root.directory("sub").makeLink("up", to: Array("../../x".utf8))
        #expect(throws: Errno.improperLink) { _ = try root.open(beneath: Array(path.utf8), O_RDONLY) }
    }

    @Test("A path below a directory may pass links that stay inside; a directory's path has none")
    func inside() throws {
        try root.makeDirectory("sub")
        try root.directory("sub").create("file", with: [5])
        try root.makeLink("alias", to: Array("sub".utf8))
        let file = try root.open(beneath: Array("alias/file".utf8), O_RDONLY)
        #expect(try readAll(file.rawValue, limit: 9) == [5])
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try root.directory(beneath: Array("alias".utf8)) }
        #expect(try root.directory(beneath: Array("sub".utf8)).has("file"))
        #expect(throws: Errno.invalidArgument) { _ = try root.open(beneath: [], O_RDONLY) }
        #expect(throws: Errno.invalidArgument) { _ = try root.open(beneath: [0x61, 0], O_RDONLY) }
    }

    @Test("A file without a name can be written and read, and leaves no entry")
    func unnamed() throws {
        let file = try root.openUnnamed()
        try writeAll(file.rawValue, [1, 2, 3])
        try #require(lseek(file.rawValue, 0, SEEK_SET) == 0)
        #expect(try readAll(file.rawValue, limit: 10) == [1, 2, 3])
        #expect(try root.entries().isEmpty)
    }

    @Test("Removing what is not there is an error only where it is asked for by `unlink`")
    func removing() throws {
        try root.unlinkIfPresent("nothing")
        #expect(throws: Errno.noSuchFileOrDirectory) { try root.unlink("nothing") }
        let made = try root.makeOrOpenDirectory("directory")
        #expect(try root.makeOrOpenDirectory("directory").status().isSameFile(as: made.status()))
        try made.create("file", with: [])
        #expect(throws: Errno.directoryNotEmpty) { try root.removeDirectory("directory") }
        #expect(throws: Errno.isDirectory) { try root.unlinkIfPresent("directory") }
    }

    @Test("Every descriptor is closed on exec")
    func closeOnExec() throws {
        let opened = try root.open(".", O_RDONLY)
        let pipe = try Pipe()
        let copy = try opened.duplicate()
        for descriptor in [opened.rawValue, copy.rawValue, root.rawValue, pipe.reader.rawValue, pipe.writer.rawValue] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        }
    }
}
