internal import CLinux
internal import Glibc
public import SystemPackage

/// The privileges of the calling process, and how it gives them up.
public enum Credentials {
    /// Becomes an ordinary user for good: its groups, its ids, no capability, no way to get one back.
    ///
    /// Capabilities and `no_new_privs` belong to a thread: call it while there is only one. Works for uid 0 as well, which then
    /// only owns its files. The corresponding C functions are `initgroups`, `setresgid`, `setresuid`, `capset` and `prctl`.
    public static func become(user: UInt32, group: UInt32) throws(Errno) {
        if geteuid() == 0 {
            if let name = UserDatabase.name(ofUser: user) {
                try check(initgroups(name, group))
            } else {
                try check(linux_setgroups0())
            }
            // Before the ids change: afterwards the bounding set and the secure bits are out of reach.
            for capability: Int32 in 0..<64 where linux_drop_bounding_capability(capability) != 0 {
                // The kernel knows fewer than 64.
                if errno != EINVAL { throw Errno(rawValue: errno) }
            }
            try check(linux_set_securebits(noRootLocked))
            try check(linux_setresgid(group))
            try check(linux_setresuid(user))
        }
        try check(linux_capset(0, 0, 0))
        try check(linux_clear_ambient_capabilities())
        try check(linux_set_no_new_privileges())
    }

    /// uid 0 gives no capabilities at execve(2), and nobody may change that: SECBIT_NOROOT and
    /// SECBIT_NO_CAP_AMBIENT_RAISE, and their locks.
    private static let noRootLocked: UInt = 0b1100_0011
}
