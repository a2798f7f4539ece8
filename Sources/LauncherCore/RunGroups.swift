// The control group that Bobbin may do with as it likes, found and prepared once by the keeper, before it leaves nothing of
// the host in sight:
//
//     GROUP/                      delegated by systemd, or named by the operator
//     GROUP/bobbin-supervisor/    bobbind, keeper and launcher: a group that hands controllers on may hold no process itself
//     GROUP/run-SPOOL.SLOT.RUN.N/ one for each run, made by the launcher and removed at the run's end
//
// Nothing above GROUP is written to, nothing beside it, and nothing in it but these. Where there is no such group, or it
// lacks a controller, it is said why, and the limits of single processes have to do.

internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage

/// Below which control group this launcher's runs are placed.
final class RunGroups {
    private let group: ControlGroup?
    /// Begins the names of this spool's groups: several daemons may share one.
    private let prefix: String
    let report: ControlGroupReport
    /// Groups that the kernel was not done with when their run was over.
    private var leftovers: [EntryName] = []

    /// Why there is no group, as part of a sentence.
    struct Problem: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }

    /// Finds and prepares it. Nothing that goes wrong is an error: it is in the report.
    init(_ options: LauncherOptions, spool: Int32) {
        let status = try? FileStatus.of(descriptor: spool)
        prefix = "run-\(String(status?.device ?? 0, radix: 16))-\(String(status?.inode ?? 0, radix: 16))."
        var path = ""
        do throws(Problem) {
            let found = try GroupPreparation(options)
            path = found.path
            let (controllers, refused) = try found.prepare()
            group = found.group
            report = ControlGroupReport(path: path, controllers: controllers, problem: refused)
        } catch {
            group = nil
            report = ControlGroupReport(path: path, controllers: [], problem: error.text)
        }
    }

    /// Makes the group of a run; nil where there is none to make it in.
    func make(for plan: SandboxPlan) throws(Errno) -> RunGroup? {
        guard let group else { return nil }
        removeLeftovers()
        // A run's id, if that is what the place's name is; what else a request names is not repeated to the kernel.
        let last = plan.place.names.last?.description ?? ""
        let run = last.utf8.count == 26 && last.utf8.allSatisfy { (0x30...0x5A).contains($0) } ? last : "-"
        lastNumber += 1
        let name = EntryName("\(prefix)\(plan.slot).\(run).\(lastNumber)")
        let made = RunGroup(name: name, group: try group.makeGroup(name))
        do {
            try made.hold(plan.limits, by: report.controllers)
        } catch {
            remove(made)
            throw error
        }
        return made
    }

    private var lastNumber = 0

    /// Removes the group of a run that is over.
    func remove(_ run: RunGroup) {
        leftovers.append(run.name)
        removeLeftovers()
    }

    private func removeLeftovers() {
        guard let group else { return }
        // The kernel may count a process that was just awaited for a moment still.
        leftovers.removeAll { name in
            do throws(Errno) {
                try group.removeGroup(name)
                return true
            } catch { return error != .resourceBusy }
        }
    }

    /// Kills what runs in groups of this spool, and removes them: a launcher that was killed leaves some, and so does the
    /// end of the daemon.
    func clear() {
        guard let group else { return }
        let names = ((try? group.groups()) ?? []).filter { $0.description.hasPrefix(prefix) }
        let opened = names.compactMap { try? group.group($0) }
        for run in opened { run.kill() }
        for run in opened { run.waitUntilEmpty(1000) }
        leftovers = names
        removeLeftovers()
    }
}
