internal import Glibc
internal import Linux
internal import Runs
internal import Spool
internal import Synchronization
internal import SystemPackage

/// The FIFO through which a run's script says things, and what came through it.
final class RunEvents: Sendable {
    let conversation = Conversation()
    /// As long as it is open, the FIFO has no end: scripts open and close it for each line.
    private let writer: Mutex<SharedDescriptor?>
    private let finish = Completion<Void>()

    /// Makes the FIFO anew, and begins to read.
    static func begin(
        run: RunDirectory, result: ResultDirectory, manifest: Manifest, pump: OutputPump
    ) throws(Errno) -> RunEvents {
        let directory = run.directory
        let name = SpoolLayout.Run.events
        try directory.unlinkIfPresent(name)
        // The run's user is another one than the daemon's; nobody else reaches the directory.
        try directory.makeFIFO(name, mode: 0o622)
        let reader = SharedDescriptor(try directory.open(name, O_RDONLY))
        let events = RunEvents(writer: SharedDescriptor(try directory.open(name, O_WRONLY)))
        let finish = events.finish
        let limit = manifest.limits.log
        let sink = EventSink(
            events.conversation, from: manifest.logLevel,
            makeLog: { () throws(Errno) in
                LogCapture(
                    file: try result.makeLog(SpoolLayout.Result.log), limit: limit, scratch: directory, form: .objects)
            },
            done: { finish.signal(()) })
        try pump.read(reader, into: sink)
        return events
    }

    private init(writer: SharedDescriptor) { self.writer = Mutex(writer) }

    /// Nobody of the run is alive any more: what is in the FIFO is all.
    func close() { writer.withLock { $0 = nil } }

    /// Returns when everything that was said has been heard; `close` comes before.
    func finished() async -> Conversation.State {
        await finish.value()
        return conversation.value
    }

    deinit { close() }
}
