internal import SandboxProtocol

extension LauncherService {
    /// What of a plan's requirements this launcher does not hold; nil if it holds them all.
    func missing(for plan: SandboxPlan) -> String? {
        let held = enforcements(for: plan)
        for what in plan.required {
            guard
                held.contains(where: { $0.what == what && $0.by != "none" || $0.what == what && what == "capabilities" }
                )
            else { return what }
            // A namespace that was left out is not one that the plan does without.
            if what == "namespaces",
                !options.without.isDisjoint(with: [.ipc, .uts, .cgroup])
                    || (options.without.contains(.network) && !plan.hostNetwork)
            {
                return what
            }
        }
        return nil
    }

    /// What holds a run, as status.json says it. A step that cannot be done ends the run, so what was not left out was
    /// done.
    func enforcements(for plan: SandboxPlan) -> [Enforcement] {
        let without = options.without
        var namespaces = ["user", "mount", "pid"]
        if !plan.hostNetwork, !without.contains(.network) { namespaces.append("network") }
        for mechanism: Mechanism in [.ipc, .uts, .cgroup] where !without.contains(mechanism) {
            namespaces.append(mechanism.rawValue)
        }
        var all = [Enforcement(what: "namespaces", by: namespaces.joined(separator: " "))]
        func add(_ what: String, _ by: String, _ mechanism: Mechanism? = nil) {
            if mechanism.map(without.contains) != true { all.append(Enforcement(what: what, by: by)) }
        }
        add("user", privilege.isRoot ? "own" : "caller")
        if privilege.isRoot { add("groups", "none") }
        add("root", "private")
        add("bundle", plan.workspace == .overlay ? "overlay" : "bind")
        add("network", plan.hostNetwork || without.contains(.network) ? "host" : "none")
        add("seccomp", "filter", .seccomp)
        add("capabilities", "none", .capabilities)
        add("no_new_privs", "prctl", .noNewPrivileges)
        add("keyring", "own", .keyring)
        for limit in ["memory", "processes", "open_files", "file_size"] { add(limit, "rlimit", .limits) }
        add("tmp", "tmpfs")
        return all
    }
}
