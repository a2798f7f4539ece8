// Process 1 of a sandbox. It starts the script's process, passes on the order to terminate, reaps whatever dies, and
// ends the sandbox when the script's own process has ended: nothing that this started outlives it. It does not obey
// signals, which a script could send as well: orders come over the channel. The launcher kills it with SIGKILL, and
// with it the kernel kills all.

internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol

struct SandboxInit {
    let setup: SandboxSetup

    func run() -> Never {
        // Blocked before the fork, so that no death is missed. Blocked signals reach process 1 even from inside, where
        // others that it does not handle never do.
        let signals = [SIGCHLD]
        if linux_block_signals(signals, 1) < 0 { SandboxSetup.fail(.fork, errno) }
        let deaths = linux_signalfd(signals, 1)
        if deaths < 0 { SandboxSetup.fail(.fork, errno) }
        hideLauncher()
        let script = linux_fork()
        if script < 0 { SandboxSetup.fail(.fork, errno) }
        if script == 0 {
            close(deaths)
            ScriptProcess(setup: setup).run()
        }
        // The pipes' readers must see the end when the script's processes have ended.
        for descriptor: Int32 in [0, 1, 2] { close(descriptor) }
        if setup.programDescriptor != nil { close(SandboxSetup.program) }
        report(supervise(script: script, deaths: deaths))
        _exit(0)
    }

    /// Everybody inside may read process 1's name and command line, which are the launcher's with the spool's path in
    /// it.
    private func hideLauncher() {
        linux_set_process_name("init")
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            memset(argument, 0, strlen(argument))
        }
    }

    /// Returns the script's wait status when all processes but this one are gone.
    private func supervise(script: Int32, deaths: Int32) -> Int32 {
        var polled = [
            pollfd(fd: SandboxSetup.channel, events: Int16(POLLIN), revents: 0),
            pollfd(fd: deaths, events: Int16(POLLIN), revents: 0),
        ]
        // One struct signalfd_siginfo; what it says is not needed.
        var drained = [UInt8](repeating: 0, count: 128)
        while true {
            if poll(&polled, nfds_t(polled.count), -1) < 0, errno != EINTR { _exit(1) }
            if polled[0].revents != 0 {
                switch RunOrder.receive(on: SandboxSetup.channel) {
                case .terminate:
                    kill(-1, SIGTERM)
                    // What is stopped would not see it.
                    kill(-1, SIGCONT)
                case nil: _exit(1)
                case .mapped, .go: break
                }
            }
            if polled[1].revents != 0 {
                while read(deaths, &drained, drained.count) > 0 {}
                if let status = reap(script: script) {
                    endEverything()
                    return status
                }
            }
        }
    }

    /// Collects who died; the script's status if it was among them.
    private func reap(script: Int32) -> Int32? {
        var found: Int32?
        while true {
            var status: Int32 = 0
            let pid = linux_wait4(-1, &status, 1, nil)
            if pid <= 0 { return found }
            if pid == script { found = status }
        }
    }

    /// Kills all that the script left and waits until it is gone. One kill is enough: it reaches every process, and
    /// none can be made by one that has been sent it.
    private func endEverything() {
        kill(-1, SIGKILL)
        while linux_wait4(-1, nil, 0, nil) > 0 || errno == EINTR {}
    }

    private func report(_ status: Int32) {
        let signal = status & 0x7F
        let news: RunNews = signal == 0 ? .exited(code: status >> 8 & 0xFF) : .signalled(signal)
        news.send(on: SandboxSetup.channel)
    }
}
