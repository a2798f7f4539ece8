internal import Glibc
public import Linux
public import SandboxProtocol
internal import SystemPackage
public import Trees

/// The daemon's side of `bobbin-launcher`: starts it, and asks it for what only privilege, or a fresh process, can do.
///
/// If the launcher dies, whatever it was asked fails with `LauncherError.died`, runs included once their init is dead,
/// and another one takes its place by itself; what is asked meanwhile waits for it.
public final class Launcher: Sendable {
    /// What it was started with, and is held to by the launcher for as long as it lives.
    public let options: LauncherOptions
    private let connection: Connection
    private let keeper: Int32
    private let goneStream: AsyncStream<Never>
    private let gone: AsyncStream<Never>.Continuation

    /// Starts the launcher for the spool whose directory `spool` is, and waits until it is ready.
    ///
    /// It keeps the privileges that the process has now, so it is called before they are dropped.
    public init(executable: String, spool: Directory, options: LauncherOptions) throws(LauncherError) {
        self.options = options
        do {
            let (mine, keepers) = try MessageSocket.pair()
            keeper = try LauncherProcess.spawn(executable, options, control: keepers.rawValue, spool: spool.rawValue)
            connection = Connection(control: mine)
        } catch { throw .unavailable("\(executable): \(error)") }
        try connection.waitForFirst()
        (goneStream, gone) = AsyncStream<Never>.makeStream()
    }

    /// Begins to receive answers, on a thread of its own: call it once, after privileges were dropped and before
    /// anything is asked.
    public func listen() throws(LauncherError) {
        let connection = connection
        let keeper = keeper
        let gone = gone
        do {
            try DedicatedThread.start("launcher") {
                connection.receive()
                gone.finish()
                var status: Int32 = 0
                // Its end is near; nobody else waits for it.
                while waitpid(keeper, &status, 0) < 0, errno == EINTR {}
            }
        } catch { throw .unavailable("no thread could be started: \(error)") }
    }

    /// Returns when keeper and launcher are gone for good, or the task is cancelled. One task may wait.
    public func waitUntilGone() async { for await _ in goneStream {} }

    /// Whether keeper and launcher are gone for good: nothing can be asked any more.
    public var isGone: Bool { connection.isGone }

    /// Ends the launcher and every run. Later requests fail.
    public func stop() { connection.close() }

    deinit { connection.close() }

    // MARK: Runs

    /// Makes the sandbox and starts its process. The run is over when `SandboxRun.end()` returns, not before. If this fails,
    /// be it because the launcher died, nothing was executed.
    ///
    /// The descriptors become the process's standard input, output and error. They are closed here as soon as nobody
    /// else holds them, so that who reads the output sees its end. `program` is what a plan with `.descriptor`
    /// executes.
    public func run(
        _ plan: SandboxPlan, input: SharedDescriptor, output: SharedDescriptor, error: SharedDescriptor,
        program: SharedDescriptor? = nil
    ) async throws(LauncherError) -> SandboxRun {
        let memory: SharedDescriptor
        do {
            memory = SharedDescriptor(try SealedMemory.make(plan.encoded(), name: "plan"))
        } catch { throw .failed(subject: "prepare a run", errno: error) }
        let descriptors = [memory, input, output, error] + (program.map { [$0] } ?? [])
        let request = Request.run(sendsProgram: program != nil)
        let ending = SandboxEnding()
        let number = connection.nextNumber()
        let result = await withCheckedContinuation { continuation in
            connection.ask(request, as: number, descriptors: descriptors, end: { ending.finish($0) }) {
                continuation.resume(returning: $0)
            }
        }
        switch try result.get() {
        case (.started(let process, let enforced), let received):
            return SandboxRun(
                process: process, enforced: enforced, number: number, connection: connection, ending: ending,
                pidfd: received.first)
        case (.notStarted(let step, let errno), _): throw .sandbox(step, Errno(rawValue: errno))
        case (let reply, _): throw reply.unexpected
        }
    }

    // MARK: Files

    /// Looks at an entry of an inbox; nil if it is not there.
    public func look(at name: EntryName, in queue: Place) async throws(LauncherError) -> DropLook? {
        guard case .looked(let look) = try await ask(.look(queue: queue, name: name)).reply else {
            throw .protocol("look")
        }
        return look
    }

    /// Renames a dropped entry into the run's directory, and says what it is.
    @discardableResult
    public func claim(
        _ name: EntryName, from queue: Place, into run: Place, as newName: EntryName
    ) async throws(LauncherError) -> ClaimedEntry {
        let request = Request.claim(queue: queue, name: name, run: run, newName: newName)
        guard case .claimed(let entry) = try await ask(request).reply else {
            throw .protocol("claim")
        }
        return entry
    }

    /// Copies `sent` to `name` in the run's directory, the daemon's own. Whatever was at `name` is removed first.
    public func take(
        _ run: Place, as name: EntryName, form: TakenForm, maxBytes: Int64, maxEntries: Int
    ) async throws(LauncherError) -> TreeReport {
        try await report(.take(run: run, name: name, form: form, bytes: maxBytes, entries: Int64(maxEntries)))
    }

    /// Cleans what the script wrote and moves it into the result as `files`, which is there afterwards in any case.
    ///
    /// What else the run has left goes to `trash`, or is removed at once.
    public func collect(
        _ run: Place, into result: Place, trash: Place? = nil, for ownership: FileOwnership, maxBytes: Int64,
        maxEntries: Int
    ) async throws(LauncherError) -> TreeReport {
        try await report(
            .collect(
                run: run, result: result, trash: trash, ownership: ownership, bytes: maxBytes,
                entries: Int64(maxEntries)))
    }

    /// Moves a rejected bundle into its result as `sent`, for its owner.
    public func sendBack(_ run: Place, into result: Place, for ownership: FileOwnership) async throws(LauncherError) {
        try await done(.sendBack(run: run, result: result, ownership: ownership))
    }

    /// Gives a result to its reader and renames it into the outbox. Returns what it takes on disk.
    @discardableResult
    public func publish(
        _ name: EntryName, from active: Place, to outbox: Place, for ownership: FileOwnership
    ) async throws(LauncherError) -> Int64 {
        let answer = try await ask(.publish(active: active, outbox: outbox, name: name, ownership: ownership))
        guard case .published(_, let bytes) = answer.reply else { throw .protocol("publish") }
        return bytes
    }

    /// Removes an entry and all below it. None of that name is no error.
    public func remove(_ name: EntryName, in place: Place) async throws(LauncherError) {
        try await done(.remove(place: place, name: name))
    }

    /// Moves an entry to the trash as one step, and deletes what it can of it there if asked to. ENOENT if it is not there any
    /// more.
    public func discard(
        _ name: EntryName, in place: Place, to trash: Place, as newName: EntryName, deleting: Bool = false
    ) async throws(LauncherError) {
        try await done(.discard(place: place, name: name, trash: trash, newName: newName, deletes: deleting))
    }

    /// Copies a tree or a file that is Bobbin's own to `newName`, which appears whole. EEXIST if it is there.
    public func copy(
        _ name: EntryName, in place: Place, to target: Place, as newName: EntryName, for ownership: FileOwnership
    ) async throws(LauncherError) {
        _ = try await report(
            .copy(place: place, name: name, target: target, newName: newName, ownership: ownership))
    }

    /// What an entry takes on disk, in bytes; 0 if it is not there.
    public func measure(_ name: EntryName, in place: Place) async throws(LauncherError) -> Int64 {
        try await report(.measure(place: place, name: name)).bytes
    }

    /// Counts what an entry holds that a script is still writing to; it ends early once that is over one of the limits.
    public func sample(
        _ name: EntryName, in place: Place, bytes: Int64, entries: Int64
    ) async throws(LauncherError) -> (bytes: Int64, entries: Int64) {
        let request = Request.sample(place: place, name: name, bytes: bytes, entries: entries)
        guard case .sampled(let bytes, let entries) = try await ask(request).reply else { throw .protocol("sample") }
        return (bytes, entries)
    }

    /// Makes what a builder left into something that runs may see; what may not be in it is dropped and named.
    public func seal(_ place: Place, maxBytes: Int64, maxEntries: Int) async throws(LauncherError) -> TreeReport {
        try await report(.seal(place: place, bytes: maxBytes, entries: Int64(maxEntries)))
    }

    /// Makes a directory, or mends the one there: the daemon's own, with the group of `model`, and of that mode.
    public func makeDirectory(
        _ name: EntryName, in place: Place, mode: UInt32, like model: Place
    ) async throws(LauncherError) {
        try await done(.makeDirectory(place: place, name: name, mode: mode, model: model))
    }

    // MARK: Others

    /// Kills the init of a run that an earlier daemon left, and returns when it is dead.
    public func killAndAwait(_ process: ProcessIdentity) async throws(LauncherError) { try await done(.reap(process)) }

    /// Tries each protection in a throw-away process.
    public func probe() async throws(LauncherError) -> [ProbeResult] {
        guard case .probed(let results) = try await ask(.probe).reply else { throw .protocol("probe") }
        return results
    }

    /// Below which control group runs are placed, and what it can hold.
    public func controlGroup() async throws(LauncherError) -> ControlGroupReport {
        guard case .controlGroup(let report) = try await ask(.controlGroup).reply else { throw .protocol("cgroup") }
        return report
    }

    private func done(_ request: Request) async throws(LauncherError) {
        guard case .done = try await ask(request).reply else { throw .protocol("done") }
    }

    private func report(_ request: Request) async throws(LauncherError) -> TreeReport {
        let answer = try await ask(request)
        var text: [UInt8]?
        switch answer.reply {
        case .report(let bytes): text = bytes
        case .longReport:
            // Without a descriptor to spare there is no report; asked again, there may be.
            if answer.descriptors.isEmpty { throw .failed(subject: "receive a report", errno: .tooManyOpenFiles) }
            text = answer.descriptors.first.flatMap {
                try? SealedMemory.read($0.rawValue, limit: TreeReport.maximumText)
            }
        default: break
        }
        guard let report = text.flatMap(TreeReport.init(text:)) else { throw .protocol("report") }
        return report
    }

    private func ask(_ request: Request) async throws(LauncherError) -> Answer {
        let result = await withCheckedContinuation { continuation in
            connection.ask(request, as: connection.nextNumber()) { continuation.resume(returning: $0) }
        }
        let answer = try result.get()
        switch answer.reply {
        case .failed, .refused: throw answer.reply.unexpected
        default: return answer
        }
    }
}

extension Reply {
    /// The error that this reply is to who wanted another one.
    var unexpected: LauncherError {
        switch self {
        case .failed(let errno, let subject): .failed(subject: subject, errno: Errno(rawValue: errno))
        case .refused(let why): .protocol(why)
        default: .protocol("unexpected reply")
        }
    }
}
