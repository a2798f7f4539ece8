internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

extension LauncherService {
    /// Entries of a bundle above which its change of owner is a worker's.
    private static let smallBundle = 256

    func start(_ number: UInt64, _ descriptors: [SharedDescriptor], sendsProgram: Bool) {
        if descriptors.count != (sendsProgram ? 5 : 4) || runs[number] != nil || beginning[number] != nil {
            return reply(.notStarted(.plan, errno: EINVAL), to: number)
        }
        do throws(RunFailure) {
            let plan = try plan(from: descriptors[0])
            if (plan.program == .descriptor) != sendsProgram { throw RunFailure(.plan, .invalidArgument) }
            guard RequestRules.allows(plan) else {
                return reply(.refused("no run can be in \(plan.place)"), to: number)
            }
            guard descriptors[1..<4].allSatisfy({ RunDescriptors.isStream($0.rawValue) }),
                !sendsProgram || RunDescriptors.isProgram(descriptors[4].rawValue)
            else { throw RunFailure(.output, .invalidArgument) }
            let mayHaveNetwork = options.hostNetwork || options.buildersNetwork && plan.workspace == .building
            if plan.hostNetwork, !mayHaveNetwork {
                return reply(.failed(errno: EPERM, subject: Self.noHostNetwork), to: number)
            }
            if let missing = missing(for: plan) {
                return reply(.failed(errno: EOPNOTSUPP, subject: missing), to: number)
            }
            guard let user = privilege.runUser(slot: plan.slot) else { throw RunFailure(.plan, .outOfRange) }
            if isTaken(slot: plan.slot) { throw RunFailure(.plan, .resourceBusy) }
            let directory = try RunFailure.at(.directory) { () throws(Errno) in try plan.place.open(in: root.spool) }
            let preparation = RunPreparation(
                plan: plan, directory: directory, user: user, owners: privilege.owners(and: options.owner.owner),
                isRoot: privilege.isRoot)
            let start = { [unowned self] () throws(RunFailure) in
                try enter(
                    number, preparation, descriptors: Array(descriptors[1..<4]),
                    program: sendsProgram ? descriptors[4] : nil)
            }
            if preparation.isLarger(than: Self.smallBundle) {
                beginning[number] = plan.slot
                fork(
                    doing: { (try? preparation.giveBundle()) != nil },
                    then: { [unowned self] error in
                        beginning[number] = nil
                        do throws(RunFailure) {
                            if let error, error.isScarcity { throw RunFailure(.ownership, error) }
                            // Once more if it failed, to say why.
                            if error != nil { try preparation.giveBundle() }
                            try start()
                        } catch { reply(.notStarted(error.step, errno: error.errno.rawValue), to: number) }
                    })
            } else {
                try preparation.giveBundle()
                try start()
            }
        } catch { reply(.notStarted(error.step, errno: error.errno.rawValue), to: number) }
    }

    private static let noHostNetwork =
        "give a run the host's network, which no queue might have when bobbind was started; start bobbind again"

    /// Whether a run has that slot's user already: two of one user are not apart from each other.
    private func isTaken(slot: UInt32) -> Bool {
        privilege.isRoot && (runs.values.contains { $0.plan.slot == slot } || beginning.values.contains(slot))
    }

    private func plan(from descriptor: SharedDescriptor) throws(RunFailure) -> SandboxPlan {
        let bytes = try RunFailure.at(.plan) { () throws(Errno) in
            try SealedMemory.read(descriptor.rawValue, limit: SandboxPlan.longest)
        }
        do { return try SandboxPlan(decoding: bytes) } catch { throw RunFailure(.plan, .invalidArgument) }
    }

    private func enter(
        _ number: UInt64, _ preparation: RunPreparation, descriptors: [SharedDescriptor],
        program: SharedDescriptor?
    ) throws(RunFailure) {
        try preparation.makeLayers()
        try preparation.giveOutput(descriptors)
        let (inside, outside) = try RunFailure.at(.clone) { () throws(Errno) in try MessageSocket.pair() }
        // Freshly made, so that nothing of the last run in this slot counts for this one.
        let group = try RunFailure.at(.controlGroup) { () throws(Errno) in try groups.make(for: preparation.plan) }
        let setup = SandboxSetup(
            plan: preparation.plan, group: group, controllers: groups.report.controllers, filter: filter,
            without: options.without, dropsGroups: privilege.isRoot,
            standardInput: descriptors[0].rawValue, standardOutput: descriptors[1].rawValue,
            standardError: descriptors[2].rawValue, programDescriptor: program?.rawValue)
        var pidfd: Int32 = -1
        let pid: Int32
        do throws(RunFailure) {
            try RunFailure.at(.directory) { () throws(Errno) in try check(fchdir(preparation.directory.rawValue)) }
            CutPoint.pass("clone", "\(preparation.plan.place)")
            pid = linux_clone3(setup.namespaces, &pidfd, group?.group.rawValue ?? -1)
            if pid == 0 { setup.enter(channel: inside.rawValue) }
            if pid < 0 { throw RunFailure(.clone, Errno(rawValue: errno)) }
        } catch {
            group.map(groups.remove)
            throw error
        }
        let run = ActiveRun(
            number: number, plan: preparation.plan, pid: pid, pidfd: OwnedDescriptor(taking: pidfd), channel: outside,
            group: group)
        do {
            run.deathToken = try RunFailure.at(.clone) { () throws(Errno) in
                try loop.watch(run.pidfd.rawValue) { [unowned self] in bury(run) }
            }
            runs[number] = run
            run.channelToken = try RunFailure.at(.clone) { () throws(Errno) in
                try loop.watch(outside.rawValue) { [unowned self] in listen(to: run) }
            }
            try RunFailure.at(.identityMap) { () throws(Errno) in
                try writeMaps(of: pid, user: preparation.user)
                try RunOrder.mapped.send(on: outside.rawValue)
            }
        } catch {
            run.news = .failed(error.step, errno: error.errno.rawValue)
            _ = linux_pidfd_send_signal(run.pidfd.rawValue, SIGKILL)
            // Without a watch on its death nobody else would collect it.
            if runs[number] == nil { bury(run) }
        }
    }

    /// Maps one user and one group, nothing else: no other id of the machine has a name inside.
    private func writeMaps(of pid: Int32, user: FileOwnership) throws(Errno) {
        let processes = root.processes.rawValue
        try writeKernelFile(processes, "\(pid)/gid_map", "\(Privilege.insideUser) \(user.group) 1")
        try writeKernelFile(processes, "\(pid)/uid_map", "\(Privilege.insideUser) \(user.owner) 1")
    }

    private func listen(to run: ActiveRun) {
        guard let message = (try? run.channel.receive(wait: false)) ?? nil else {
            // The end, or an error: its death says the rest.
            return loop.forget(run.channelToken, run.channel.rawValue)
        }
        guard let news = RunNews(decoding: message.bytes) else { return }
        if news != .ready { return run.note(news) }
        if !run.hasStarted, run.news == nil { announce(run) }
    }

    /// The daemon is told first, and then the script may go: if this program dies, the daemon has init's pidfd to wait for, or
    /// nothing was executed, and it can be started again.
    private func announce(_ run: ActiveRun) {
        do {
            let startTime = try startTime(of: run.pid)
            let identity = ProcessIdentity(pid: run.pid, startTime: startTime)
            CutPoint.pass("answer that it starts", "\(run.plan.place)")
            try daemon.send(
                Reply.started(identity, enforced: enforcements(for: run.plan)).encoded(number: run.number),
                descriptors: [run.pidfd.rawValue])
            run.hasStarted = true
            CutPoint.pass("start", run.plan.subject)
            try RunOrder.go.send(on: run.channel.rawValue)
            if run.isToTerminate { terminate(run) }
        } catch {
            run.news = .failed(.guardian, errno: error.rawValue)
            _ = linux_pidfd_send_signal(run.pidfd.rawValue, SIGKILL)
        }
    }

    func terminate(_ run: ActiveRun) {
        run.isToTerminate = true
        if run.hasStarted { try? RunOrder.terminate.send(on: run.channel.rawValue) }
    }

    /// The init is dead, and with it, as the kernel promises for process 1, everything in its namespace.
    private func bury(_ run: ActiveRun) {
        // What it said last may still be unread.
        while let message = (try? run.channel.receive(wait: false)) ?? nil {
            if let news = RunNews(decoding: message.bytes), news != .ready { run.note(news) }
        }
        var usage = linux_usage()
        _ = try? retrying { linux_wait4(run.pid, nil, 0, &usage) }
        loop.forget(run.channelToken, run.channel.rawValue)
        loop.forget(run.deathToken, run.pidfd.rawValue)
        runs[run.number] = nil
        CutPoint.pass("answer how it ended", run.plan.subject)
        let last = run.lastReply(usage: usage)
        run.group.map(groups.remove)
        reply(last, to: run.number)
    }

    /// Field 22 of /proc/PID/stat, counted after the name, which may hold anything.
    func startTime(of pid: Int32) throws(Errno) -> UInt64 {
        let line = try readKernelFile("\(pid)/stat", in: root.processes.rawValue)
        guard let end = line.lastIndex(of: 0x29) else { throw Errno.ioError }
        let fields = line[(end + 1)...].split(separator: 0x20)
        guard fields.count > 19, let time = UInt64(String(decoding: fields[19], as: UTF8.self)) else {
            throw Errno.ioError
        }
        return time
    }

    /// Kills an init that a former launcher left, whose parent's death is on its way to it but perhaps not there yet.
    func reap(_ process: ProcessIdentity, _ number: UInt64) {
        let raw = linux_pidfd_open(process.pid)
        if raw < 0 { return reply(errno == ESRCH ? .done : .failed(errno: errno, subject: "pidfd_open"), to: number) }
        let pidfd = SharedDescriptor(OwnedDescriptor(taking: raw))
        // Gone, or another process by now.
        guard let startTime = try? startTime(of: process.pid), startTime == process.startTime else {
            return reply(.done, to: number)
        }
        // Whoever speaks for the daemon can have sandboxes killed, and nothing else.
        guard isRunUser(process.pid) else { return reply(.failed(errno: EPERM, subject: "not a sandbox"), to: number) }
        if linux_pidfd_send_signal(raw, SIGKILL) < 0, errno != ESRCH {
            return reply(.failed(errno: errno, subject: "pidfd_send_signal"), to: number)
        }
        do {
            var token: EventLoop.Token = 0
            token = try loop.watch(raw) { [unowned self] in
                loop.forget(token, pidfd.rawValue)
                reply(.done, to: number)
            }
        } catch { reply(.failed(errno: error.rawValue, subject: "epoll_ctl"), to: number) }
    }

    private func isRunUser(_ pid: Int32) -> Bool {
        guard case .root(let first, let count) = privilege else { return true }
        guard let status = try? readKernelFile("\(pid)/status", in: root.processes.rawValue) else { return false }
        for line in String(decoding: status, as: UTF8.self).split(separator: "\n") where line.hasPrefix("Uid:") {
            let users = line.dropFirst(4).split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) }
            return users.count == 4 && users.allSatisfy { $0 >= first && $0 - first < count }
        }
        return false
    }
}

extension SandboxPlan {
    /// What is said of its beginning and its end; a program of Bobbin's own is no script.
    fileprivate var subject: String { program == .descriptor ? "a program for \(place)" : "\(place)" }
}
