import Glibc
import Linux
import Runs
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("A spool as its users see it, and what they ask for")
struct ViewTests {
    let scratch: Scratch
    let spool: Spool
    let view: SpoolView
    let queue: QueueName
    let name: BundleName

    init() throws {
        scratch = try Scratch()
        spool = try Spool(preparing: scratch.path)
        view = try SpoolView(path: scratch.path)
        queue = try #require(QueueName("default"))
        name = try #require(BundleName("report"))
    }

    private func status(_ run: RunID, _ state: RunState) -> RunStatus {
        RunStatus(run: run, name: name, queue: queue, state: state, owner: "0", submittedAt: .now())
    }

    private func makeResult(_ run: RunID, in part: Directory, _ state: RunState) throws {
        let parent = try part.makeOrOpenDirectory(EntryName(queue.description))
        try spool.resultDirectory(name, run, in: parent).write(status(run, state))
    }

    @Test("Runs are found where they lie, and only as what they are")
    func finding() throws {
        let waiting = RunID.new()
        let finished = RunID.new()
        try makeResult(waiting, in: spool.active, .queued)
        try makeResult(finished, in: spool.outbox, .succeeded)
        let outbox = try spool.outbox.directory("default")
        try ResultLinks(outbox: outbox).set(name, to: SpoolLayout.directory(name, finished).bytes)
        try outbox.create(SpoolLayout.directory(name, .new()), with: [])
        try outbox.makeDirectory("notes")
        let active = try view.activeRuns()
        #expect(active.runs.map(\.run) == [waiting])
        #expect(active.unreadable.isEmpty)
        let all = try view.find { _, _ in true }.runs
        #expect(Set(all.map(\.run)) == [waiting, finished])
        let found = try #require(all.first { $0.run == finished })
        #expect(found.isFinished)
        #expect(found.relativePath == "outbox/default/report.\(finished)")
        #expect(try found.status()?.state == .succeeded)
        #expect(try view.find { _, run in run == waiting }.runs.map(\.run) == [waiting])
        #expect(try view.queues() == [queue])
    }

    @Test("A run that is published between two looks is shown once, as finished")
    func published() throws {
        let run = RunID.new()
        try makeResult(run, in: spool.active, .running)
        try makeResult(run, in: spool.outbox, .succeeded)
        let found = try view.find { _, _ in true }.runs
        #expect(found.map(\.isFinished) == [true])
    }

    @Test("What a user wrote over a status is no status")
    func edited() throws {
        let run = RunID.new()
        try makeResult(run, in: spool.outbox, .succeeded)
        let found = try #require(try view.find { _, _ in true }.runs.first)
        try found.directory().replace("status.json", with: Array("{\"run\": 1e999".utf8))
        #expect(try found.status() == nil)
        try found.directory().unlink("status.json")
        #expect(throws: Errno.noSuchFileOrDirectory) { try found.status() }
        try found.directory().makeLink("status.json", to: Array("/etc/passwd".utf8))
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try found.status() }
    }

    @Test("A spool that no daemon has prepared can be looked at; what is none cannot")
    func unprepared() throws {
        let scratch = try Scratch()
        #expect(throws: SpoolError.self) { try SpoolView(path: scratch.path) }
        try scratch.root.makeDirectory("inbox")
        try scratch.root.directory("inbox").makeDirectory("default")
        let view = try SpoolView(path: scratch.path)
        #expect(try view.queues() == [queue])
        #expect(try view.activeRuns().runs.isEmpty)
        #expect(try view.find { _, _ in true }.runs.isEmpty)
    }

    @Test(
        "A final result has its files in an order in which `state` is the last, and an exit code only if there is one")
    func results() throws {
        let run = RunID.new()
        let parent = try spool.active.makeOrOpenDirectory("default")
        let result = try spool.resultDirectory(name, run, in: parent)
        var status = status(run, .running)
        status.exitCode = 0
        try result.write(status)
        #expect(!result.directory.has("exit_code"))
        status.state = .succeeded
        try result.write(status)
        #expect(try result.directory.read("state", limit: 99) == Array("succeeded\n".utf8))
        #expect(try result.directory.read("exit_code", limit: 99) == Array("0\n".utf8))
        #expect(RunStatus(json: try result.directory.read("status.json", limit: 9999)) == status)
        #expect(try result.directory.status(of: "state").permissions == 0o640)
        #expect(result.isInPlace())
        try parent.rename(result.name, to: "elsewhere")
        #expect(!result.isInPlace())
        try parent.makeDirectory(result.name)
        #expect(!result.isInPlace())
    }

    @Test("A log begins empty, whatever lies in its place")
    func logs() throws {
        let result = try spool.resultDirectory(name, .new(), in: spool.active)
        try result.directory.makeLink("stdout", to: Array("/etc/passwd".utf8))
        let log = try result.makeLog("stdout")
        #expect(try FileStatus.of(descriptor: log.rawValue).size == 0)
        #expect(try result.directory.status(of: "stdout").kind == .regular)
    }

    @Test("Wishes are files; what is no wish is passed over")
    func control() throws {
        let files = ControlFiles(spool.control)
        let run = RunID.new()
        #expect(try files.cancellations().isEmpty)
        try files.requestCancellation(of: run)
        try files.requestCancellation(of: run)
        let cancel = try files.cancelDirectory()
        try cancel.create("not a run", with: [])
        try cancel.makeLink(EntryName(RunID.new().description), to: Array("/etc/passwd".utf8))
        try cancel.makeDirectory(EntryName(RunID.new().description))
        #expect(try files.cancellations().map(\.run) == [run])
        #expect(try files.cancellations().map(\.asker) == [geteuid()])
        files.removeCancellation(of: run)
        files.removeCancellation(of: run)
        #expect(try files.cancellations().isEmpty)

        try files.pause(queue)
        try files.pauseDirectory().create("Not A Queue", with: [])
        #expect(try files.pausedQueues() == [queue])
        #expect(try files.resume(queue))
        #expect(try !files.resume(queue))
        #expect(try files.pausedQueues().isEmpty)

        #expect(!files.isDraining)
        try files.drain()
        #expect(files.isDraining)
        #expect(try files.endDrain())
        #expect(try !files.endDrain())
    }
}
