import Glibc
import Linux
import Runs
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("Making and mending a spool")
struct SpoolTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("An empty directory becomes a spool, with the modes that its users need")
    func making() throws {
        let spool = try Spool(preparing: scratch.path)
        let modes: [(String, UInt32)] = [
            ("inbox", 0o755), ("active", 0o755), ("outbox", 0o755), ("control", 0o2775), ("control/cancel", 0o1777),
            ("control/pause", 0o2770), ("control/requests", 0o1733), ("control/answers", 0o711), ("history", 0o2750),
            ("state", 0o700),
            ("state/runs", 0o700), ("state/archive", 0o700), ("state/environments", 0o711), ("state/trash", 0o700),
        ]
        for (path, mode) in modes {
            let directory = try scratch.root.directory(beneath: Array(path.utf8))
            #expect(try directory.status().permissions == mode, "\(path)")
        }
        #expect(try scratch.root.entries().count == 6)
        #expect(try spool.freeSpace() > 0)
    }

    @Test("What is there stays as its operator made it; what is lacking is made")
    func mending() throws {
        _ = try Spool(preparing: scratch.path)
        try scratch.root.directory("inbox").changeMode(to: 0o750)
        try scratch.root.directory("inbox").makeDirectory("nightly")
        try scratch.root.removeDirectory("outbox")
        try scratch.root.directory("state").removeDirectory("trash")
        let spool = try Spool(preparing: scratch.path)
        #expect(try scratch.root.directory("inbox").status().permissions == 0o750)
        #expect(try spool.queues().names.map(\.description) == ["nightly"])
        #expect(scratch.root.has("outbox"))
        #expect(try scratch.root.directory("state").has("trash"))
    }

    @Test(
        "What a crash left half made is finished, wherever it was",
        arguments: [".inbox.new", ".outbox.new", ".state.new"])
    func halfMade(name: String) throws {
        if name != ".inbox.new" { try scratch.root.makeDirectory("inbox") }
        try scratch.root.makeDirectory(EntryName(name), mode: 0o700)
        _ = try Spool(preparing: scratch.path)
        #expect(!scratch.root.has(EntryName(name)))
        for directory: EntryName in ["inbox", "outbox"] {
            #expect(try scratch.root.directory(directory).status().permissions == 0o755)
        }
        #expect(try scratch.root.directory("state").status().permissions == 0o700)
    }

    @Test(
        "A directory with other things in it is no spool, and nothing is made in it",
        arguments: ["passwd", ".profile", "outbox"])
    func strangers(name: String) throws {
        try scratch.root.makeDirectory(EntryName(name))
        let error = #expect(throws: SpoolError.self) { _ = try Spool(preparing: scratch.path) }
        #expect(error?.code == .noSpool)
        #expect(error?.advice != nil)
        #expect(error?.description.hasPrefix("\(scratch.path) is no spool; ") == true)
        #expect(try scratch.root.entries().map(\.name) == [EntryName(name)])
    }

    @Test("Settings, an inbox or a fresh filesystem's own directory are what a spool may begin with")
    func beginnings() throws {
        for (name, isFile) in [("bobbin.yaml", true), ("inbox", false), ("lost+found", false)] {
            let scratch = try Scratch()
            if isFile {
                try scratch.root.create(EntryName(name), with: [])
            } else {
                try scratch.root.makeDirectory(EntryName(name))
            }
            if name != "lost+found" { try scratch.root.create("README", with: []) }
            _ = try Spool(preparing: scratch.path)
            #expect(scratch.root.has("state"))
        }
    }

    @Test("What is not there is no spool; what is in a directory's place is named")
    func errors() throws {
        let none = #expect(throws: SpoolError.self) { _ = try Spool(preparing: "\(scratch.path)/none") }
        #expect(none?.code == .noSpool)
        #expect(none?.cause == .noSuchFileOrDirectory)
        try scratch.root.create("inbox", with: [])
        let blocked = #expect(throws: SpoolError.self) { _ = try Spool(preparing: scratch.path) }
        #expect(blocked?.code == .inaccessible)
        #expect(blocked?.subject == "inbox/")
    }

    @Test("A link in a directory's place is not followed")
    func links() throws {
        let other = try Scratch()
        try scratch.root.create("bobbin.yaml", with: [])
        try scratch.root.makeLink("state", to: Array(other.path.utf8))
        #expect(throws: SpoolError.self) { _ = try Spool(preparing: scratch.path) }
        #expect(try other.root.entries().isEmpty)
    }

    @Test("Who holds the spool is told to the second one, with its process")
    func lock() throws {
        let spool = try Spool(preparing: scratch.path)
        let first = try spool.lock()
        let error = #expect(throws: SpoolError.self) { _ = try Spool(preparing: scratch.path).lock() }
        #expect(error?.code == .locked(pid: getpid()))
        withExtendedLifetime(first) {}
    }

    @Test("Queues are directories with a queue's name; everything else is a stray, but for hidden names")
    func queues() throws {
        let spool = try Spool(preparing: scratch.path)
        for name: EntryName in ["b", "a", "Upper", "with space", ".hidden"] { try spool.inbox.makeDirectory(name) }
        try spool.inbox.create("file", with: [])
        try spool.inbox.makeLink("link", to: Array("a".utf8))
        let queues = try spool.queues()
        #expect(queues.names.map(\.description) == ["a", "b"])
        #expect(queues.strays == ["Upper", "file", "link", "with space"])
    }

    @Test("A run's directory is made once, forgotten once, and its name may come again in the trash")
    func runDirectories() throws {
        let spool = try Spool(preparing: scratch.path)
        let run = RunID.new()
        for _ in 0..<3 {
            _ = try spool.makeRunDirectory(run)
            #expect(throws: Errno.fileExists) { try spool.makeRunDirectory(run) }
            #expect(try spool.unfinishedRuns() == [run])
            try spool.discardRun(run)
            #expect(try spool.unfinishedRuns().isEmpty)
        }
        #expect(try spool.trash.entries().count == 3)
        _ = try spool.makeRunDirectory(run)
        try spool.archiveRun(run)
        #expect(try spool.archive.entries().map(\.name) == [EntryName(run.description)])
    }
}
