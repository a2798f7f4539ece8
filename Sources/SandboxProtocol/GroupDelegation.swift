public import Linux
internal import SystemPackage

/// Which control group Bobbin may do with as it likes; one rule for the launcher, and for who says what that will find.
public enum GroupDelegation {
    /// The group below, where daemon and launcher are: a group that hands controllers on may hold no process itself.
    public static let supervisor = "bobbin-supervisor"

    /// Of a process that an earlier start, or systemd's DelegateSubgroup=, has put into the supervisor's group: the one above.
    public static func base(of own: String) -> String {
        let suffix = "/\(supervisor)"
        return own.hasSuffix(suffix) ? String(own.dropLast(suffix.count)) : own
    }

    /// Whether a group was given to the spool's user. To root every group can be written, so that is no permission; and
    /// bobbin.yaml is that user's: what it names must be so as well, or systemd's gift.
    public static func isGiven(_ group: ControlGroup, named: Bool, to user: UInt32) -> Bool {
        if group.isMarkedAsDelegated { return true }
        guard let owner = try? group.owner() else { return false }
        return owner == user && (named || owner != 0)
    }

    /// What of these words of the kernel's holds limits of runs.
    public static func controllers(in words: Set<String>) -> Set<RunController> {
        Set(RunController.allCases.filter { words.contains($0.kernelName) })
    }
}
