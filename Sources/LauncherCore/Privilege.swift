internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

/// As whom the launcher works, and so as whom its runs do.
enum Privilege {
    /// As root: each slot's runs have a user id of their own, that nothing else on the machine has.
    case root(firstRunUser: UInt32, count: UInt32)
    /// As an ordinary user: the runs are that user outside, in a user namespace that gives them nothing else of the
    /// user's.
    case ordinary(user: UInt32, group: UInt32)

    /// The user and group id that a script sees itself as.
    static let insideUser: UInt32 = 1000

    static func detect(_ options: LauncherOptions) throws(SetUpError) -> Privilege {
        if !isRoots() { return .ordinary(user: geteuid(), group: getegid()) }
        if let first = options.firstRunUser { return .root(firstRunUser: first, count: options.runUsers) }
        return .root(firstRunUser: try defaultFirstRunUser(count: options.runUsers), count: options.runUsers)
    }

    static func isRoots() -> Bool { geteuid() == 0 && hasCapabilities() }

    /// Root of a container may lack what root is known for: then it is a user like others.
    private static func hasCapabilities() -> Bool {
        let needed = Capability.mask([
            Capability.chown, Capability.dacOverride, Capability.fowner, Capability.setgid, Capability.setuid,
            Capability.sysAdmin,
        ])
        var (effective, permitted, inheritable): (UInt64, UInt64, UInt64) = (0, 0, 0)
        if linux_capget(&effective, &permitted, &inheritable) < 0 { return false }
        return effective & needed == needed
    }

    /// The usual range, or the end of the ids that a container has.
    private static func defaultFirstRunUser(count: UInt32) throws(SetUpError) -> UInt32 {
        let map: [UInt8]
        do {
            map = try readKernelFile("/proc/self/uid_map")
        } catch { throw SetUpError("read /proc/self/uid_map", error) }
        var highest: UInt32?
        for line in String(decoding: map, as: UTF8.self).split(separator: "\n") {
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            if numbers.count != 3 || numbers[2] < UInt64(count) { continue }
            let end = numbers[0] + numbers[2]
            if numbers[0] <= UInt64(LauncherOptions.usualFirstRunUser),
                end >= UInt64(LauncherOptions.usualFirstRunUser) + UInt64(count)
            {
                return LauncherOptions.usualFirstRunUser
            }
            // Not the last two, which are 'nobody' of old and 'no id'.
            if end > UInt64(count) + 2 { highest = UInt32(truncatingIfNeeded: min(end, 1 << 31) - UInt64(count) - 2) }
        }
        guard let highest else {
            throw SetUpError(
                "find \(count) user ids for runs in /proc/self/uid_map; --run-users asks for fewer",
                .noSuchFileOrDirectory)
        }
        return highest
    }

    /// The user and group, outside, of a slot's runs. Nil if there is no such slot.
    func runUser(slot: UInt32) -> FileOwnership? {
        switch self {
        case .root(let first, let count):
            if slot >= count { return nil }
            let (user, overflow) = first.addingReportingOverflow(slot)
            return overflow ? nil : FileOwnership(owner: user, group: user)
        case .ordinary(let user, let group): return FileOwnership(owner: user, group: group)
        }
    }

    /// Whether a user is of the pool. False where there is none.
    func isRunUser(_ user: UInt32) -> Bool {
        guard case .root(let first, let count) = self else { return false }
        return user >= first && user - first < count
    }

    /// The pool's users and one more.
    func owners(and user: UInt32) -> OwnerSet {
        guard case .root(let first, let count) = self else { return [user] }
        let (last, overflow) = first.addingReportingOverflow(count - 1)
        return OwnerSet([user], and: first...(overflow ? UInt32.max - 1 : last))
    }

    var isRoot: Bool { if case .root = self { true } else { false } }

    /// Leaves the host's mount namespace; an ordinary user needs a user namespace for it, with nobody but itself in it.
    func unshareMounts() throws(SetUpError) {
        switch self {
        case .root:
            try PrivateRoot.attempt("unshare the mount namespace") { linux_unshare(UInt64(LINUX_CLONE_NEWNS)) }
        case .ordinary(let user, let group):
            try PrivateRoot.attempt("create a user namespace; is user.max_user_namespaces 0?") {
                linux_unshare(UInt64(LINUX_CLONE_NEWUSER | LINUX_CLONE_NEWNS))
            }
            do {
                // Without privileges over the outside the kernel asks for this first.
                try writeKernelFile(AT_FDCWD, "/proc/self/setgroups", "deny")
                try writeKernelFile(AT_FDCWD, "/proc/self/uid_map", "\(user) \(user) 1")
                try writeKernelFile(AT_FDCWD, "/proc/self/gid_map", "\(group) \(group) 1")
            } catch { throw SetUpError("map the user namespace", error) }
        }
    }
}
