/// The steps of making a sandbox, as errors name them.
public enum SandboxStep: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case plan, directory, ownership, output, controlGroup, memory, clone, identityMap, groups, identity, root, bundle,
        proc,
        tmp, shown,
        network,
        hostname, pivot, workingDirectory, capabilities, noNewPrivileges, guardian, fork, session, limits, keyring,
        seccomp,
        execute, environment

    public var description: String {
        switch self {
        case .plan: "read the plan"
        case .directory: "open the run's directory"
        case .ownership: "give the bundle to the run's user"
        case .output: "prepare the output pipes"
        case .controlGroup: "place it in a control group (cgroup)"
        case .memory: "build it within the run's limits.memory"
        case .clone: "create the namespaces (clone3)"
        case .identityMap: "map the run's user (uid_map)"
        case .groups: "drop the supplementary groups (setgroups)"
        case .identity: "become the run's user (setresuid)"
        case .root: "bind the private root (mount)"
        case .bundle: "mount the bundle (overlay)"
        case .proc: "mount /proc"
        case .tmp: "mount /tmp"
        case .shown: "show the run's files (mount)"
        case .network: "bring up the loopback device"
        case .hostname: "set the host name"
        case .pivot: "enter the private root (pivot_root)"
        case .workingDirectory: "enter /bundle"
        case .capabilities: "drop the capabilities (capset)"
        case .noNewPrivileges: "forbid new privileges (prctl)"
        case .guardian: "tie the sandbox to the launcher (prctl)"
        case .fork: "start the process (fork)"
        case .session: "begin a session (setsid)"
        case .limits: "set the limits (prlimit)"
        case .keyring: "join a keyring of its own (keyctl)"
        case .seccomp: "load the system call filter (seccomp)"
        case .execute: "execute the program"
        case .environment: "show the environment (move_mount)"
        }
    }
}

/// A protection of the sandbox that a test can switch off, to see that its lack is noticed.
public enum Mechanism: String, Sendable, CaseIterable {
    case network, ipc, uts, cgroup, seccomp, capabilities, keyring, limits
    case noNewPrivileges = "no_new_privs"
}

/// One thing that was held, and by what.
public struct Enforcement: Hashable, Sendable {
    public let what: String
    public let by: String

    public init(what: String, by: String) {
        self.what = what
        self.by = by
    }
}
