// What happens between clone3 and the program, in the order that matters. It runs in the new process, which is alone in
// it: the launcher has no threads, so ordinary Swift is allowed here. Each step that fails is reported by its name, and
// ends the sandbox.

internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage

/// One sandbox to be: all that its first process needs.
struct SandboxSetup {
    /// Fixed numbers inside; the launcher keeps them free of anything else.
    static let channel: Int32 = 3
    static let program: Int32 = 4

    let plan: SandboxPlan
    /// The control group that the process is born in.
    let group: RunGroup?
    /// What is held by it, and so not by limits of single processes.
    let controllers: Set<RunController>
    let filter: SyscallFilter
    let without: Set<Mechanism>
    /// Whether the supplementary groups can be dropped: not in a user namespace of an ordinary user.
    let dropsGroups: Bool
    let standardInput: Int32
    let standardOutput: Int32
    let standardError: Int32
    let programDescriptor: Int32?

    /// The namespaces that clone3 makes; mount and pid are what a sandbox is made of and cannot be left out.
    var namespaces: UInt64 {
        var flags = LINUX_CLONE_NEWUSER | LINUX_CLONE_NEWNS | LINUX_CLONE_NEWPID
        if !without.contains(.ipc) { flags |= LINUX_CLONE_NEWIPC }
        if !without.contains(.uts) { flags |= LINUX_CLONE_NEWUTS }
        // Its root is the group of who makes it, which at clone3 is the launcher's: in a group of its own, see `enter`.
        if !without.contains(.cgroup), group == nil { flags |= LINUX_CLONE_NEWCGROUP }
        if hasOwnNetwork { flags |= LINUX_CLONE_NEWNET }
        return UInt64(flags)
    }

    private var hasOwnNetwork: Bool { !plan.hostNetwork && !without.contains(.network) }

    /// The first process: makes the sandbox, then is its init. The working directory is the run's.
    func enter(channel: Int32) -> Never {
        keepOwnDescriptors(channel: channel)
        // Only once the launcher has written the maps is there a user to become.
        if RunOrder.receive(on: Self.channel) != .mapped { _exit(1) }
        if dropsGroups { step(.groups, linux_setgroups0()) }
        // The maps have no 0 in them, so the change of user takes no capabilities away; they are needed for what
        // follows.
        step(.identity, linux_setresgid(Privilege.insideUser))
        step(.identity, linux_setresuid(Privilege.insideUser))
        if group != nil, !without.contains(.cgroup) {
            step(.controlGroup, linux_unshare(UInt64(LINUX_CLONE_NEWCGROUP)))
        }
        mountAll()
        if hasOwnNetwork { step(.network, linux_loopback_up()) }
        if !without.contains(.uts) { step(.hostname, linux_set_hostname("bobbin")) }
        // The old root comes to lie on top of the new one, and the outside is gone with it.
        step(.pivot, chdir("/base"))
        step(.pivot, linux_pivot_root(".", "."))
        step(.pivot, linux_umount_detach("."))
        step(.workingDirectory, chdir("/bundle"))
        umask(0o022)
        if !without.contains(.capabilities) { dropCapabilities() }
        if !without.contains(.noNewPrivileges) { step(.noNewPrivileges, linux_set_no_new_privileges()) }
        // Or a script could read the launcher's copied memory through /proc/1/mem.
        step(.guardian, linux_set_dumpable(0))
        // After the last change of user, which would clear it. The launcher may have died before: then 'go' never
        // comes.
        step(.guardian, linux_set_parent_death_signal(SIGKILL))
        RunNews.ready.send(on: Self.channel)
        if RunOrder.receive(on: Self.channel) != .go { _exit(1) }
        SandboxInit(setup: self).run()
    }

    private func keepOwnDescriptors(channel: Int32) {
        step(.output, dup2(standardInput, 0))
        step(.output, dup2(standardOutput, 1))
        step(.output, dup2(standardError, 2))
        step(.output, linux_dup_cloexec(channel, Self.channel))
        if let programDescriptor { step(.output, linux_dup_cloexec(programDescriptor, Self.program)) }
        let first = programDescriptor == nil ? Self.program : Self.program + 1
        step(.output, linux_close_range(UInt32(first), UInt32.max))
    }

    private func mountAll() {
        // Mounts that came from a more privileged namespace are locked, and the root of a pivot must not be: a copy is
        // free.
        step(.root, linux_mount("/base", "/base", nil, UInt(MS_BIND | MS_REC), nil))
        let flags = UInt(MS_NOSUID | MS_NODEV)
        switch plan.workspace {
        case .overlay:
            // Not synced at the end: what is kept is renamed out of `upper` and flushed there; without `volatile` unmounting
            // would wait for everybody's dirty data.
            let layers = [FileVerbs.bundle, FileVerbs.upper, FileVerbs.work].map { OwnPath($0, .bundle) }
            step(
                .bundle,
                linux_mount(
                    "overlay", "/base/bundle", "overlay", flags,
                    "lowerdir=\(layers[0].path),upperdir=\(layers[1].path),workdir=\(layers[2].path),userxattr,volatile"
                ))
            for layer in layers { layer.close() }
        case .direct(let name):
            let tree = OwnPath(name, .bundle)
            step(.bundle, linux_mount(tree.path, "/base/bundle", nil, UInt(MS_BIND), nil))
            tree.close()
            let attributes = UInt64(LINUX_MOUNT_ATTR_NOSUID | LINUX_MOUNT_ATTR_NODEV)
            step(.bundle, linux_mount_setattr(AT_FDCWD, "/base/bundle", 0, attributes, 0, 0))
        // As the root itself has it.
        case .empty: break
        case .building:
            let tree = OwnPath(FileVerbs.bundle, .bundle)
            step(.bundle, linux_mount(tree.path, "/base/bundle", nil, UInt(MS_BIND), nil))
            tree.close()
            let attributes = UInt64(
                LINUX_MOUNT_ATTR_RDONLY | LINUX_MOUNT_ATTR_NOSUID | LINUX_MOUNT_ATTR_NODEV | LINUX_MOUNT_ATTR_NOEXEC)
            step(.bundle, linux_mount_setattr(AT_FDCWD, "/base/bundle", 0, attributes, 0, 0))
            step(
                .shown,
                linux_mount(PrivateRoot.links, PrivateRoot.shownLinks, nil, UInt(MS_BIND | MS_REC), nil))
        }
        if let name = plan.packages {
            mountEnvironment(OwnPath(environment: name), attributes: LINUX_MOUNT_ATTR_RDONLY)
        } else if plan.workspace == .building {
            mountEnvironment(OwnPath(ShownEnvironment.tree, .environment), attributes: 0)
        }
        step(.proc, linux_mount("proc", "/base/proc", "proc", flags | UInt(MS_NOEXEC), nil))
        // The kernel lists there the locks on open files of the whole machine, with their ranges: runs could write to each other.
        step(.proc, linux_mount("/base/dev/null", "/base/proc/locks", nil, UInt(MS_BIND), nil))
        // One inode for each 4 KiB, so that empty files do not fill the memory either.
        let inodes = max(plan.limits.tmp / 4096, 64)
        step(
            .tmp,
            linux_mount("tmpfs", "/base/tmp", "tmpfs", flags, "mode=1777,size=\(plan.limits.tmp),nr_inodes=\(inodes)"))
        for file in ShownFile.allCases where plan.shown.contains(file) {
            let target = "\(PrivateRoot.shownDirectory)/\(file.rawValue)"
            let source = OwnPath(file.name, .shown, file.isFIFO ? .fifo : .regular)
            step(.shown, linux_mount(source.path, target, nil, UInt(MS_BIND), nil))
            source.close()
            let attributes = UInt64(
                (file.isWritable ? 0 : LINUX_MOUNT_ATTR_RDONLY) | LINUX_MOUNT_ATTR_NOSUID | LINUX_MOUNT_ATTR_NODEV
                    | LINUX_MOUNT_ATTR_NOEXEC)
            step(.shown, linux_mount_setattr(AT_FDCWD, target, 0, attributes, 0, 0))
        }
    }

    private func mountEnvironment(_ source: OwnPath, attributes: Int) {
        step(.environment, linux_mount(source.path, PrivateRoot.environment, nil, UInt(MS_BIND), nil))
        source.close()
        let all = UInt64(attributes | LINUX_MOUNT_ATTR_NOSUID | LINUX_MOUNT_ATTR_NODEV)
        step(.environment, linux_mount_setattr(AT_FDCWD, PrivateRoot.environment, 0, all, 0, 0))
    }

    private func dropCapabilities() {
        // From the bounding set first: that takes CAP_SETPCAP, which goes with the rest.
        var capability: Int32 = 0
        while linux_drop_bounding_capability(capability) == 0 { capability += 1 }
        // It ends where this kernel's capabilities end; anything but EINVAL, or none dropped, is a refusal.
        if capability == 0 || errno != EINVAL { step(.capabilities, -1) }
        step(.capabilities, linux_clear_ambient_capabilities())
        // NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off, NO_CAP_AMBIENT_RAISE, all locked: even a uid 0 would mean nothing.
        step(.capabilities, linux_set_securebits(0b1110_1111))
        step(.capabilities, linux_capset(0, 0, 0))
    }

    /// Ends the sandbox if a step failed, saying which.
    private func step(_ step: SandboxStep, _ result: Int32) {
        if result >= 0 { return }
        Self.fail(step, errno)
    }

    static func fail(_ step: SandboxStep, _ error: Int32) -> Never {
        RunNews.failed(step, errno: error).send(on: channel)
        _exit(1)
    }
}
