internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol

/// A sandbox from clone3 to the death of its init.
final class ActiveRun {
    let number: UInt64
    let plan: SandboxPlan
    let pid: Int32
    let pidfd: OwnedDescriptor
    let channel: MessageSocket
    /// Nil where there is no control group to make one in.
    let group: RunGroup?
    /// What init, or the script's process before it was the program, reported.
    var news: RunNews?
    var hasStarted = false
    /// Asked for before there was anything to terminate.
    var isToTerminate = false
    var channelToken: EventLoop.Token = 0
    var deathToken: EventLoop.Token = 0

    init(
        number: UInt64, plan: SandboxPlan, pid: Int32, pidfd: consuming OwnedDescriptor, channel: MessageSocket,
        group: RunGroup?
    ) {
        self.number = number
        self.plan = plan
        self.pid = pid
        self.pidfd = pidfd
        self.channel = channel
        self.group = group
    }

    /// Kills process 1, and with it the kernel kills all in its namespace; through the group, too, which asks no init.
    func kill() {
        _ = linux_pidfd_send_signal(pidfd.rawValue, SIGKILL)
        group?.group.kill()
    }

    /// A step that failed is the reason for the exit that follows it.
    func note(_ latest: RunNews) {
        if case .failed = news { return }
        news = latest
    }

    /// What the daemon is told when init is dead.
    func lastReply(usage: linux_usage) -> Reply {
        var used = SandboxUsage(
            userMicroseconds: usage.user_microseconds, systemMicroseconds: usage.system_microseconds,
            maxResidentBytes: usage.max_rss_kib.multipliedReportingOverflow(by: 1024).partialValue)
        if let group { used = group.refine(used) }
        if !hasStarted {
            // The sandbox itself was too large for the run: it will be the next time, too, which ENOMEM would not say.
            if group?.hasReachedItsMemory == true { return .notStarted(.memory, errno: ERANGE) }
            if case .failed(let step, let errno) = news { return .notStarted(step, errno: errno) }
            return .notStarted(.guardian, errno: 0)
        }
        let end: SandboxEnd =
            switch news {
            case .exited(let code): .exited(code: code)
            case .signalled(let signal): .signalled(signal)
            case .failed(let step, let errno): .failed(step, errno: errno)
            case .ready, nil: .killed
            }
        return .ended(end, used)
    }
}
