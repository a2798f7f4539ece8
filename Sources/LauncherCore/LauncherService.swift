// The launcher proper: one thread, one loop over the daemon's socket, the runs' channels and the deaths of their inits.
// Nothing in it waits for anything else; what may take long, on large trees, is done by a forked worker that answers
// itself.

internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

final class LauncherService {
    let daemon: MessageSocket
    let options: LauncherOptions
    let groups: RunGroups
    let privilege: Privilege
    let root: PrivateRoot
    let filter: SyscallFilter
    let loop: EventLoop
    var runs: [UInt64: ActiveRun] = [:]
    /// Slots of runs that are about to be, by their numbers.
    var beginning: [UInt64: UInt32] = [:]
    /// Work waiting for its turn among the workers.
    var waitingWork: [Work] = []
    var workers = 0
    private var hasEnded = false

    /// Shuts the process into the spool. `spool` is a descriptor of its directory.
    init(daemon: MessageSocket, spool: Int32, options: LauncherOptions, groups: RunGroups) throws(SetUpError) {
        self.daemon = daemon
        self.options = options
        self.groups = groups
        groups.clear()
        // Who opens a file for writing while it is looked at breaks a lease: the signal that tells so would end the
        // process.
        signal(SIGIO, SIG_IGN)
        privilege = try Privilege.detect(options)
        filter = try SyscallFilter()
        root = try PrivateRoot.enter(
            spool: spool, shown: options.shown, links: options.linkDirectories, owner: privilege)
        // Nothing that follows needs more.
        if privilege.isRoot { try LauncherCapabilities.keepForVerbs() }
        CutPoint.begin("launcher", in: root.spool)
        do { loop = try EventLoop() } catch { throw SetUpError("epoll_create1", error) }
    }

    /// Serves until the daemon closes its end. The runs end with this process.
    func run() throws(Errno) {
        _ = try loop.watch(daemon.rawValue) { [unowned self] in receive() }
        reply(.done, to: 0)
        while !hasEnded { try loop.turn() }
    }

    private func receive() {
        do {
            guard let message = try daemon.receive(wait: false) else {
                hasEnded = true
                return
            }
            handle(message)
        } catch {
            // Too large: that message is lost, but the daemon sends no such ones, and an attacker in its place gains
            // nothing.
            if error == .connectionReset || error == .badFileDescriptor { hasEnded = true }
        }
    }

    private func handle(_ message: Message) {
        do {
            let (number, request) = try Request.decode(message.bytes)
            if message.hasLostDescriptors {
                return reply(.failed(errno: EMFILE, subject: "receive what a run is made of"), to: number)
            }
            handle(request, number, message.descriptors)
        } catch {
            reply(.refused("\(error)"), to: Request.number(in: message.bytes) ?? 0)
        }
    }

    private func handle(_ request: Request, _ number: UInt64, _ descriptors: [SharedDescriptor]) {
        if let why = RequestRules.refusal(of: request) { return reply(.refused(why), to: number) }
        switch request {
        case .run(let sendsProgram): start(number, descriptors, sendsProgram: sendsProgram)
        case .terminate(let run): runs[run].map(terminate)
        case .kill(let run): runs[run]?.kill()
        case .reap(let process): reap(process, number)
        case .probe: reply(.probed(Probe.results(filter: filter)), to: number)
        case .controlGroup: reply(.controlGroup(groups.report), to: number)
        case .sample(let place, let name, let bytes, let entries):
            let held = runs.values.first { $0.plan.place == place }?.pid
            // A process of its own: what a script does to its directory meanwhile must not hold up everybody.
            fork(
                doing: { [self] in
                    reply(sample(place, name, bytes, entries, sandbox: held), to: number)
                    return true
                },
                then: { [unowned self] error in
                    if let error { reply(.failed(errno: error.rawValue, subject: "the worker"), to: number) }
                })
        case .claim, .look, .take, .collect, .sendBack, .publish, .remove, .discard, .copy, .measure, .seal,
            .makeDirectory:
            let work = Work(number: number, request: request)
            let files = FileVerbs(spool: root.spool, privilege: privilege, owner: options.owner)
            if files.isLarge(request) { enqueue(work) } else { answer(number, request, files.perform(request)) }
        }
    }

    /// Tells the daemon. If it is gone, the next turn of the loop sees the end.
    func reply(_ reply: Reply, to number: UInt64, descriptors: [Int32] = []) {
        try? daemon.send(reply.encoded(number: number), descriptors: descriptors)
    }

    /// Answers a verb on files; its reply may be too long for a message.
    func answer(_ number: UInt64, _ request: Request, _ reply: Reply) {
        if request.changesFiles { CutPoint.pass("answer", request.subject) }
        if case .report(let text) = reply, text.count > MessageSocket.longestMessage / 2 {
            do {
                let memory = try SealedMemory.make(text, name: "report")
                self.reply(.longReport, to: number, descriptors: [memory.rawValue])
            } catch {
                self.reply(.failed(errno: error.rawValue, subject: "the report"), to: number)
            }
        } else {
            self.reply(reply, to: number)
        }
    }
}
