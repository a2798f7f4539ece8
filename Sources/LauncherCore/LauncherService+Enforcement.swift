internal import SandboxProtocol

extension LauncherService {
    /// What of a plan's requirements this launcher does not hold, as what cannot be done; nil if it holds them all.
    func missing(for plan: SandboxPlan) -> String? {
        let held = enforcements(for: plan)
        for what in plan.required {
            if let limit = RunController(rawValue: what) {
                let by = held.first { $0.what == what }?.by
                if by == "cgroup" || !limit.needsGroup && by == "rlimit" { continue }
                let problem = groups.report.problem
                return "this machine cannot hold a run's \(what) by a control group, which sandbox.require asks for"
                    + " (\(problem.isEmpty ? "" : problem + "; ")see: bobbin doctor)"
            }
            // A namespace that was left out is not one that the plan does without.
            let lacksNamespace =
                what == "namespaces"
                && (!options.without.isDisjoint(with: [.ipc, .uts, .cgroup])
                    || options.without.contains(.network) && !plan.hostNetwork)
            let isHeld = held.contains {
                $0.what == what && ($0.by != "none" || what == "capabilities")
            }
            if lacksNamespace || !isHeld { return "hold '\(what)', which must be held" }
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
        func add(_ limit: RunController) {
            if groups.report.controllers.contains(limit) {
                add(limit.rawValue, "cgroup")
            } else if limit == .cpu {
                add(limit.rawValue, "none")
            } else {
                add(limit.rawValue, "rlimit", .limits)
            }
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
        for limit in RunController.allCases where limit != .cpu { add(limit) }
        for limit in ["open_files", "file_size"] { add(limit, "rlimit", .limits) }
        add(RunController.cpu)
        add("tmp", "tmpfs")
        return all
    }
}
