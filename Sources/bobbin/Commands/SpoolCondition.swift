import Bundles
import Glibc
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

/// What keeps work from starting: no daemon, a drain, paused queues, a full disk.
struct SpoolCondition {
    private(set) var lines: [String] = []

    init(_ view: SpoolView) {
        if SpoolLock.isHeld(stateOf: view.root) == false {
            lines.append("no daemon runs on \(view.path); start one with: bobbind --spool \(view.path)")
        }
        if let control = try? ControlFiles(view.root.directory(SpoolLayout.control)) {
            if control.isDraining { lines.append("the spool is draining: nothing starts until 'bobbin drain --off'") }
            let paused = ((try? control.pausedQueues()) ?? []).sorted().map(\.description)
            if !paused.isEmpty { lines.append("paused: \(paused.joined(separator: ", ")); see 'bobbin resume'") }
            lines += Self.hindrances(view).map { "\($0.activity.words) has to wait, \(Self.since($0)): \($0.reason)" }
        }
        let settings = try? view.settingsText().map { try SettingsFile.reading($0).get().settings }
        let least = (settings ?? Settings()).minFreeSpace
        if let free = Self.freeSpace(view.root), free < least {
            lines.append(
                "\(BytesText.text(free)) are free on the spool's disk, less than min_free_space (\(BytesText.text(least))): "
                    + "nothing new starts")
        }
    }

    /// What the daemon says that it cannot do at the moment. One that was killed has not taken it back.
    static func hindrances(_ view: SpoolView) -> [Hindrance] {
        if SpoolLock.isHeld(stateOf: view.root) == false { return [] }
        guard let control = try? view.root.directory(SpoolLayout.control) else { return [] }
        return (try? HindranceFile.reading(control)) ?? []
    }

    static func since(_ hindrance: Hindrance) -> String {
        "since \(MomentText.text(hindrance.since, local: Console.outputIsTerminal))"
    }

    /// Bytes that an ordinary user may still write beside the spool.
    static func freeSpace(_ directory: Directory) -> Int64? {
        var info = statvfs()
        guard fstatvfs(directory.rawValue, &info) == 0 else { return nil }
        let (bytes, overflow) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }
}
