import Glibc
import Linux
import Runs
import SandboxProtocol
import Spool
import SystemPackage

/// Which limits a control group will hold for a run as a whole: below the group of the daemon that runs, of the one that the
/// settings name, or of who asks. It only reads.
struct ControlGroupExamination {
    let view: SpoolView?
    let settings: Settings

    private static let meaning: [RunController: String] = [
        .memory: "Memory is limited for each process alone, not for a run as a whole, and no run ends 'out_of_memory'.",
        .processes: "Processes are limited all the same, by the kernel's count for each run's user namespace.",
        .cpu: "The manifest's 'cpus' is not held: a run may use every processor.",
    ]

    private var required: Set<RunController> {
        Set(
            RunController.allCases.filter { limit in
                limit.needsGroup && settings.sandbox.require.contains { $0.rawValue == limit.rawValue }
            })
    }

    func findings() -> [Finding] {
        let daemon = view.flatMap { SpoolLock.holder(stateOf: $0.root) }
        let process = daemon.flatMap { ControlGroupPath.ofProcess("\($0)") }
        guard let path = settings.sandbox.controlGroup ?? process ?? ControlGroupPath.ofProcess() else {
            return [none("no cgroup v2 is mounted", Self.mounting)]
        }
        let base = GroupDelegation.base(of: path)
        let group: ControlGroup
        do { group = try ControlGroup(path: base) } catch {
            return [none("\(base): \(error)", "make that group, or correct sandbox.cgroup in bobbin.yaml")]
        }
        let offered = GroupDelegation.controllers(in: group.words("cgroup.controllers"))
        if offered.isEmpty {
            return [none("\(base) has none of the controllers memory, pids and cpu", Self.mounting)]
        }
        let owner = (try? view?.root.status().owner) ?? geteuid()
        let isNamed = settings.sandbox.controlGroup != nil
        if !GroupDelegation.isGiven(group, named: isNamed, to: owner) {
            return [none("\(base) is not delegated to Bobbin", delegating(base))]
        }
        // A daemon has done what it could at its start.
        let held =
            process == nil ? offered : GroupDelegation.controllers(in: group.words("cgroup.subtree_control"))
        let whose = isNamed ? "named in bobbin.yaml" : process == nil ? "the caller's" : "bobbind's"
        return [.ok("cgroup", "\(base) (\(whose)) is delegated")]
            + RunController.allCases.map { finding($0, isHeld: held.contains($0), base) }
    }

    private func finding(_ limit: RunController, isHeld: Bool, _ base: String) -> Finding {
        let subject = "cgroup \(limit.kernelName)"
        if isHeld { return .ok(subject, "holds a run's \(limit.rawValue)") }
        let isRequired = required.contains(limit)
        return Finding(
            subject: subject, verdict: isRequired ? .missing : .degraded,
            detail: "\(base) does not hand the controller on", meaning: Self.meaning[limit] ?? "",
            remedy:
                "in the unit, or with `systemctl edit user@.service`: [Service] Delegate=cpu memory pids; then start it again",
            isRequired: isRequired)
    }

    /// There is no group at all.
    private func none(_ detail: String, _ remedy: String) -> Finding {
        Finding(
            subject: "cgroup", verdict: required.isEmpty ? .degraded : .missing, detail: detail,
            meaning: "Memory is limited for each process alone, not for a run as a whole, and 'cpus' not at all.",
            remedy: remedy, isRequired: !required.isEmpty)
    }

    private static let mounting =
        "boot with systemd.unified_cgroup_hierarchy=1 (the controllers are in hierarchies of version 1, or not built in)"

    private func delegating(_ path: String) -> String {
        geteuid() == 0
            ? "start bobbind by its unit, which has Delegate=yes; or: chown -R OWNER \(path), and sandbox.cgroup: \(path)"
            : "systemd-run --user --scope -p Delegate=yes bobbind --spool …"
    }
}
