internal import CLinux
internal import CSeccomp
internal import Glibc
internal import Linux
internal import SystemPackage

/// The system call filter of every run: built once, as BPF, and loaded by each process just before it becomes the
/// program.
///
/// It forbids what no script needs and what has been the way into kernels; see `SyscallRules`. Everything else is
/// allowed: an allow list breaks with each new libc.
struct SyscallFilter {
    /// `struct sock_filter`s, 8 bytes each.
    let instructions: [UInt8]

    init() throws(SetUpError) {
        // Not allowed is a call's answer, not its death: programs try and go on.
        guard let context = seccomp_init(allow) else { throw SetUpError("start a system call filter", .noMemory) }
        defer { seccomp_release(context) }
        // 32-bit and x32 calls would go past every rule below.
        try Self.check(
            seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, killProcess), "set the foreign architectures' action")
        // A binary tree instead of a list; libseccomp before 2.5 has none.
        _ = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        for rule in SyscallRules.all {
            for name in rule.calls {
                let call = seccomp_syscall_resolve_name(name)
                // Unknown to this libseccomp, or negative: not on this architecture.
                if call < 0 { continue }
                try Self.check(
                    rule.comparisons.withUnsafeBufferPointer {
                        seccomp_rule_add_array(context, refusal(rule.errno), call, UInt32($0.count), $0.baseAddress)
                    }, "forbid \(name)")
            }
        }
        do {
            let memory = OwnedDescriptor(taking: try Linux.check(linux_memfd_create("filter")))
            try Self.check(seccomp_export_bpf(context, memory.rawValue), "export the filter")
            if lseek(memory.rawValue, 0, SEEK_SET) < 0 { throw SetUpError("export the filter", Errno(rawValue: errno)) }
            instructions = try readAll(memory.rawValue, limit: 4096 * 8)
        } catch let error as Errno {
            throw SetUpError("export the filter", error)
        } catch let error as SetUpError {
            throw error
        } catch { throw SetUpError("export the filter", .ioError) }
    }

    /// Loads it for this process. It must have no new privileges, or CAP_SYS_ADMIN.
    func load() -> Int32 {
        instructions.withUnsafeBytes { linux_seccomp_filter($0.baseAddress, UInt16(truncatingIfNeeded: $0.count / 8)) }
    }

    private static func check(_ result: Int32, _ what: String) throws(SetUpError) {
        if result < 0 { throw SetUpError(what, Errno(rawValue: -result)) }
    }
}

// seccomp.h's actions are macros with casts, which Swift does not see.
private let allow: UInt32 = 0x7FFF_0000
private let killProcess: UInt32 = 0x8000_0000
private func refusal(_ errno: Int32) -> UInt32 { 0x0005_0000 | UInt32(truncatingIfNeeded: errno) & 0xFFFF }
