internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// What of root's power the launcher keeps. docs/security.md lists it with the reasons.
enum LauncherCapabilities {
    /// Whose files they are is no hindrance to these verbs: giving a tree away, entering and renaming what its owner closed,
    /// changing its modes, and keeping the group's set-id bit of a queue's directory; a sandbox's user and group are written into
    /// its maps; whether a dropper still has a file open for writing is told by a lease.
    static let forVerbs = [
        Capability.chown, Capability.dacOverride, Capability.fowner, Capability.fsetid, Capability.setgid,
        Capability.setuid, Capability.lease,
    ]
    /// Mounts of its private root, and giving the rest up: what the keeper has and the launcher loses.
    static let forStart = [Capability.sysAdmin, Capability.setpcap]

    /// Leaves the keeper what a launcher needs at its start. Only for root.
    static func keepForStart() throws(SetUpError) { try keep(forVerbs + forStart) }

    /// Leaves the launcher what its verbs need, once its root stands. Where nobody without CAP_SYS_ADMIN can make user namespaces,
    /// it keeps that.
    static func keepForVerbs() throws(SetUpError) {
        try keep(ordinaryUsersMayMakeNamespaces() ? forVerbs : forVerbs + [Capability.sysAdmin])
    }

    private static func keep(_ capabilities: [Int32]) throws(SetUpError) {
        var capabilities = capabilities
        #if DEBUG
        if CutPoint.takesDaemonAlong { capabilities.append(Capability.kill) }
        #endif
        let wanted = Capability.mask(capabilities)
        var (effective, permitted, inheritable): (UInt64, UInt64, UInt64) = (0, 0, 0)
        try PrivateRoot.attempt("read the capabilities") { linux_capget(&effective, &permitted, &inheritable) }
        // A container may have fewer. And the bounding set first: that takes CAP_SETPCAP, which may go with the rest.
        var capability: Int32 = 0
        while capability < 64 {
            if wanted & 1 << UInt64(capability) == 0, linux_drop_bounding_capability(capability) < 0 {
                // Where this kernel's capabilities end.
                if errno == EINVAL { break }
                // A container without CAP_SETPCAP: what it can execute has no more than it has itself.
                if errno == EPERM, permitted & Capability.mask([Capability.setpcap]) == 0 { break }
                throw SetUpError("drop capability \(capability) from the bounding set", Errno(rawValue: errno))
            }
            capability += 1
        }
        _ = linux_clear_ambient_capabilities()
        let kept = permitted & wanted
        try PrivateRoot.attempt("give up capabilities") { linux_capset(kept, kept, 0) }
    }

    /// Tries, in a process of its own, to make a user namespace and a mount in it without CAP_SYS_ADMIN: Debian's
    /// kernel.unprivileged_userns_clone forbids the one, AppArmor's restriction the other.
    private static func ordinaryUsersMayMakeNamespaces() -> Bool {
        let pid = linux_fork()
        if pid < 0 { return false }
        if pid == 0 {
            var (effective, permitted, inheritable): (UInt64, UInt64, UInt64) = (0, 0, 0)
            if linux_capget(&effective, &permitted, &inheritable) < 0 { _exit(1) }
            let kept = permitted & Capability.mask(forVerbs)
            if linux_capset(kept, kept, 0) < 0 { _exit(1) }
            if linux_unshare(UInt64(LINUX_CLONE_NEWUSER | LINUX_CLONE_NEWNS)) < 0 { _exit(1) }
            _exit(linux_mount("tmpfs", "/base/tmp", "tmpfs", UInt(MS_NOSUID | MS_NODEV), nil) < 0 ? 1 : 0)
        }
        var status: Int32 = -1
        _ = try? retrying { linux_wait4(pid, &status, 0, nil) }
        return status == 0
    }
}
