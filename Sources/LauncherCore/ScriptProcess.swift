internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol

/// The script's own process, from init's fork to the program.
struct ScriptProcess {
    let setup: SandboxSetup

    func run() -> Never {
        // No terminal, and no process group of anybody else.
        step(.session, linux_getsid_new())
        if !setup.without.contains(.limits) { setLimits() }
        if !setup.without.contains(.keyring) { step(.keyring, linux_keyctl_join_session()) }
        var arguments = cStrings(setup.plan.arguments)
        var environment = cStrings(setup.plan.environment)
        // What the launcher ignores would stay ignored in the program.
        for number in 1..<65 where number != SIGKILL && number != SIGSTOP { signal(Int32(number), SIG_DFL) }
        step(.session, linux_unblock_all_signals())
        // Last, since it forbids some of what comes before; execve and the channel it allows.
        if !setup.without.contains(.seccomp) { step(.seccomp, setup.filter.load()) }
        execute(&arguments, &environment)
    }

    private func setLimits() {
        let limits = setup.plan.limits
        // 1 and not 0: a core pattern that is a pipe ignores every limit but this one, and would feed each crash to a program of
        // the host. core(5); a file needs a page at least.
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_CORE), 1))
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_NOFILE), limits.openFiles))
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_FSIZE), limits.fileSize))
        // They are counted in the run's own user namespace, init among them.
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_NPROC), limits.processes + 1))
        // Kernel memory and time that no other limit sees: what is locked, queued messages, priority over the host's own.
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_MEMLOCK), 64 << 10))
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_MSGQUEUE), 1024))
        step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_RTPRIO), 0))
        // Not the address space: V8 and Java reserve far more than they use. And not beside a control group, which counts what
        // is used where this counts what is asked for.
        if !setup.controllers.contains(.memory) {
            step(.limits, linux_lower_limit(Int32(LINUX_LIMIT_DATA), limits.memory))
        }
    }

    private func execute(
        _ arguments: inout [UnsafeMutablePointer<CChar>?], _ environment: inout [UnsafeMutablePointer<CChar>?]
    )
        -> Never
    {
        switch setup.plan.program {
        case .descriptor:
            _ = linux_execveat(SandboxSetup.program, "", &arguments, &environment, Int32(LINUX_AT_EMPTY_PATH))
            SandboxSetup.fail(.execute, errno)
        case .path(let candidates):
            var failure = ENOENT
            for candidate in candidates {
                var path = candidate.map { CChar(bitPattern: $0) } + [0]
                execve(&path, &arguments, &environment)
                // Like a shell: another place is tried only where there was nothing.
                if errno == ENOENT || errno == ENOTDIR { continue }
                failure = errno
                break
            }
            SandboxSetup.fail(.execute, failure)
        }
    }

    /// Strings as execve takes them; never freed, since the process becomes another program.
    private func cStrings(_ strings: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { string -> UnsafeMutablePointer<CChar>? in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
            for (index, byte) in string.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[string.count] = 0
            return copy
        } + [nil]
    }

    private func step(_ step: SandboxStep, _ result: Int32) {
        if result < 0 { SandboxSetup.fail(step, errno) }
    }
}
