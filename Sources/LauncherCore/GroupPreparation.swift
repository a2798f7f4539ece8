internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage

/// Finds the group that runs are to be placed below, judges whether it may be used, and prepares it.
struct GroupPreparation {
    let path: String
    let group: ControlGroup

    init(_ options: LauncherOptions) throws(RunGroups.Problem) {
        let named: Bool
        switch options.controlGroup {
        case .none: throw RunGroups.Problem("control groups are not to be used")
        case .own:
            guard let own = ControlGroupPath.ofProcess() else {
                throw RunGroups.Problem("no cgroup v2 is mounted here")
            }
            path = GroupDelegation.base(of: own)
            named = false
        case .named(let given):
            path = given
            named = true
        }
        do {
            group = try ControlGroup(path: path)
        } catch {
            throw RunGroups.Problem(
                error == .notSupported ? "\(path) is no group of cgroup v2" : "cannot open \(path): \(error)")
        }
        if GroupDelegation.controllers(in: group.words("cgroup.controllers")).isEmpty {
            throw RunGroups.Problem("\(path) has none of the controllers memory, pids and cpu")
        }
        if !GroupDelegation.isGiven(group, named: named, to: options.owner.owner) {
            throw RunGroups.Problem(
                "\(path) is not delegated to Bobbin, neither by systemd (Delegate=yes) nor by its owner")
        }
    }

    /// Returns the controllers that runs can be held by, and why the others cannot.
    func prepare() throws(RunGroups.Problem) -> (Set<RunController>, refused: String) {
        try vacate()
        let offered = group.words("cgroup.controllers")
        var enabled: Set<RunController> = []
        var refusals: [String] = []
        for controller in RunController.allCases {
            guard offered.contains(controller.kernelName) else {
                refusals.append("it has no controller \(controller.kernelName)")
                continue
            }
            do {
                if !group.words("cgroup.subtree_control").contains(controller.kernelName) {
                    try group.write("+\(controller.kernelName)", to: "cgroup.subtree_control")
                }
                enabled.insert(controller)
            } catch { refusals.append("\(controller.kernelName): \(error)") }
        }
        if enabled.isEmpty {
            throw RunGroups.Problem("\(path) hands no controller on (\(refusals.joined(separator: "; ")))")
        }
        try tryOne()
        return (enabled, refusals.isEmpty ? "" : "\(path): \(refusals.joined(separator: "; "))")
    }

    /// A group that hands controllers on may hold no process: those in it, Bobbin's and whatever shares its service, move one
    /// down. Not those of a group that is not Bobbin's own.
    private func vacate() throws(RunGroups.Problem) {
        do {
            var present = try group.processes()
            if present.isEmpty { return }
            if !present.contains(getpid()) {
                throw RunGroups.Problem("\(path) holds processes of others, so that it cannot hand its controllers on")
            }
            let name = EntryName(GroupDelegation.supervisor)
            let supervisor = try group.has(name) ? group.group(name) : group.makeGroup(name)
            // Some may be forked while others are moved.
            for _ in 0..<10 where !present.isEmpty {
                for process in present {
                    do {
                        try supervisor.write("\(process)", to: "cgroup.procs")
                    } catch {
                        if error != .noSuchProcess { throw error }
                    }
                }
                present = try group.processes()
            }
        } catch let problem as RunGroups.Problem {
            throw problem
        } catch {
            throw RunGroups.Problem("cannot move the processes of \(path) into a group below it: \(error)")
        }
    }

    /// Whether a process may be born in a group below it: where this process is matters, too.
    private func tryOne() throws(RunGroups.Problem) {
        let name = EntryName("bobbin-trial-\(getpid())")
        do {
            let trial = try group.makeGroup(name)
            var pidfd: Int32 = -1
            let pid = linux_clone3(0, &pidfd, trial.rawValue)
            if pid == 0 { _exit(0) }
            let error = Errno(rawValue: errno)
            if pid > 0 {
                close(pidfd)
                _ = try retrying { linux_wait4(pid, nil, 0, nil) }
                trial.waitUntilEmpty(1000)
            }
            try group.removeGroup(name)
            if pid < 0 { throw error }
        } catch { throw RunGroups.Problem("no process can be started in a group below \(path): \(error)") }
    }
}
