internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage

/// Starts the keeper, with its two descriptors at the numbers it expects.
enum LauncherProcess {
    static func spawn(_ executable: String, _ options: LauncherOptions, control: Int32, spool: Int32) throws(Errno)
        -> Int32
    {
        // posix_spawn's dup2 in order: neither source may be at a number that is overwritten before it is copied.
        let high = OwnedDescriptor(taking: try check(fcntl(control, F_DUPFD_CLOEXEC, 16)))
        let highSpool = OwnedDescriptor(taking: try check(fcntl(spool, F_DUPFD_CLOEXEC, 16)))
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, high.rawValue, 3)
        posix_spawn_file_actions_adddup2(&actions, highSpool.rawValue, 4)
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A session of its own: what a terminal sends to the daemon's group must not end its runs before the daemon
        // does.
        let flags = 0x80 /* POSIX_SPAWN_SETSID */ | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments: [UnsafeMutablePointer<CChar>?] = ([executable] + options.arguments).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        #if DEBUG
        // The one thing that a test wants of it and of its children; see CutPoint.
        if let cut = getenv("BOBBIN_CUT") { environment.insert(strdup("BOBBIN_CUT=\(String(cString: cut))"), at: 0) }
        #endif
        defer { for variable in environment { free(variable) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, executable, &actions, &attributes, &arguments, &environment)
        if result != 0 { throw Errno(rawValue: result) }
        return pid
    }
}
