internal import CLinux
internal import Linux
internal import SandboxProtocol

/// A sandbox from clone3 to the death of its init.
final class ActiveRun {
    let number: UInt64
    let plan: SandboxPlan
    let pid: Int32
    let pidfd: OwnedDescriptor
    let channel: MessageSocket
    /// What init, or the script's process before it was the program, reported.
    var news: RunNews?
    var hasStarted = false
    /// Asked for before there was anything to terminate.
    var isToTerminate = false
    var channelToken: EventLoop.Token = 0
    var deathToken: EventLoop.Token = 0

    init(
        number: UInt64, plan: SandboxPlan, pid: Int32, pidfd: consuming OwnedDescriptor, channel: MessageSocket
    ) {
        self.number = number
        self.plan = plan
        self.pid = pid
        self.pidfd = pidfd
        self.channel = channel
    }

    /// A step that failed is the reason for the exit that follows it.
    func note(_ latest: RunNews) {
        if case .failed = news { return }
        news = latest
    }

    /// What the daemon is told when init is dead.
    func lastReply(usage: linux_usage) -> Reply {
        if !hasStarted {
            if case .failed(let step, let errno) = news { return .notStarted(step, errno: errno) }
            return .notStarted(.guardian, errno: 0)
        }
        let used = SandboxUsage(
            userMicroseconds: usage.user_microseconds, systemMicroseconds: usage.system_microseconds,
            maxResidentBytes: usage.max_rss_kib.multipliedReportingOverflow(by: 1024).partialValue)
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
