// The keeper is the launcher's parent and does one thing: it starts it again when it dies, which the daemon, having
// given up its privileges, could not. For each launcher it makes a fresh socket pair and hands the daemon one end over
// its own socket, so that the end of that connection means the death of that launcher and of its runs. It touches
// nothing that strangers made.

internal import CLinux
internal import Glibc
internal import Linux
package import SandboxProtocol
internal import SystemPackage

package struct Keeper {
    private let control: MessageSocket
    private let spool: SharedDescriptor
    private let options: LauncherOptions
    private let groups: RunGroups

    /// What the daemon leaves in the first two descriptors.
    package static let controlDescriptor: Int32 = 3
    package static let spoolDescriptor: Int32 = 4

    /// Takes over what the daemon passed, and keeps their numbers free for what sandboxes need there.
    package init(options: LauncherOptions) throws(SetUpError) {
        self.options = options
        control = MessageSocket(try Self.move(Self.controlDescriptor))
        spool = SharedDescriptor(try Self.move(Self.spoolDescriptor))
        let opened = try PrivateRoot.attempt("open /dev/null") {
            linux_openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0)
        }
        // It took the first free number, which may be one of these.
        let null = try Self.move(opened)
        for number in 0...4 where number != STDERR_FILENO {
            try PrivateRoot.attempt("dup") { linux_dup_cloexec(null.rawValue, Int32(number)) }
        }
        if fcntl(STDERR_FILENO, F_GETFD) < 0 { try PrivateRoot.attempt("dup") { linux_dup_cloexec(null.rawValue, 2) } }
        // Of what is not dumpable the files in /proc are root's, and an ordinary user could write no id map of its own
        // processes.
        if geteuid() == 0 { linux_set_dumpable(0) }
        groups = RunGroups(options, spool: spool.rawValue)
        if Privilege.isRoots() { try LauncherCapabilities.keepForStart() }
        CutPoint.shareWithChildren()
    }

    private static func move(_ descriptor: Int32) throws(SetUpError) -> OwnedDescriptor {
        let moved = try PrivateRoot.attempt("take over descriptor \(descriptor)") {
            fcntl(descriptor, F_DUPFD_CLOEXEC, 16)
        }
        close(descriptor)
        return OwnedDescriptor(taking: moved)
    }

    /// Returns when the daemon has closed its end.
    package func run() throws(SetUpError) {
        // The launcher's death is on its way to what it ran.
        defer { groups.clear() }
        var delay: Int32 = 0
        var hasStarted = false
        while true {
            let began = seconds()
            do {
                guard let launcher = try start() else { return }
                hasStarted = true
                if !outlives(launcher) { return }
            } catch  where hasStarted && error.errno.isScarcity {
                // No descriptors, memory or processes left for another one: tried again, like one that dies at once.
            }
            // One that dies at once will do so again: the daemon's runs fail meanwhile, but the machine is not kept
            // busy by it.
            delay = seconds() - began >= 10 ? 0 : min(max(delay * 2, 100), 30_000)
            if hasEnded(within: delay) { return }
        }
    }

    /// Forks a launcher and sends the daemon its connection; nil if the daemon is gone.
    private func start() throws(SetUpError) -> Int32? {
        let mine: MessageSocket
        let daemons: MessageSocket
        do { (mine, daemons) = try MessageSocket.pair() } catch { throw SetUpError("socketpair", error) }
        let keeper = getpid()
        let pid = try PrivateRoot.attempt("fork") { linux_fork() }
        if pid == 0 { becomeLauncher(mine, daemons.rawValue, keeper: keeper) }
        do {
            try control.send([protocolVersion], descriptors: [daemons.rawValue])
            return pid
        } catch { return nil }
    }

    private func becomeLauncher(_ daemon: MessageSocket, _ daemons: Int32, keeper: Int32) -> Never {
        close(daemons)
        close(control.rawValue)
        linux_set_process_name("bobbin-launcher")
        do {
            let service = try LauncherService(
                daemon: daemon, spool: spool.rawValue, options: options, groups: groups)
            // After the last change of privileges, which would clear it.
            if linux_set_parent_death_signal(SIGKILL) < 0 || getppid() != keeper { _exit(1) }
            _ = linux_keyctl_join_session()
            ProgramMemory.release()
            try service.run()
            _exit(0)
        } catch let error as SetUpError {
            try? daemon.send(Reply.refused(error.description).encoded(number: 0))
            _exit(2)
        } catch {
            _exit(1)
        }
    }

    /// Waits until the launcher dies: true; or the daemon ends: false. The launcher's own connection ends then as well.
    private func outlives(_ launcher: Int32) -> Bool {
        let pidfd = linux_pidfd_open(launcher)
        defer { close(pidfd) }
        var polled = [
            pollfd(fd: control.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0),
        ]
        // Whoever only waits needs next to nothing of the program.
        ProgramMemory.release()
        // The daemon says nothing here: whatever comes is its end. Without a descriptor left that tells of the launcher's, it is
        // asked for every second.
        while true {
            let count = poll(&polled, pidfd < 0 ? 1 : 2, pidfd < 0 ? 1000 : -1)
            if count < 0, errno == EINTR { continue }
            if polled[0].revents != 0 { return false }
            if pidfd >= 0 || linux_wait4(launcher, nil, 1, nil) != 0 { break }
        }
        if pidfd >= 0 { _ = try? retrying { linux_wait4(launcher, nil, 0, nil) } }
        return true
    }

    private func hasEnded(within milliseconds: Int32) -> Bool {
        var polled = [pollfd(fd: control.rawValue, events: Int16(POLLIN), revents: 0)]
        return poll(&polled, 1, milliseconds) > 0
    }

    private func seconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec
    }
}
