/// How the daemon starts the launcher; its command line.
public struct LauncherOptions: Hashable, Sendable {
    /// Who owns what the launcher makes in the spool: the daemon's user.
    public var owner: FileOwnership
    /// The launcher's choice: above what systemd gives to containers (up to 1,879,048,191, systemd.io/UIDS-GIDS) and below 2^31,
    /// where programs begin to see negative numbers.
    public static let usualFirstRunUser: UInt32 = 2_000_000_000
    /// So many, unless the command line says otherwise.
    public static let usualRunUsers: UInt32 = 256

    /// First of the user ids that runs get, as root; nil: the launcher chooses.
    public var firstRunUser: UInt32?
    /// How many there are: one a slot.
    public var runUsers = usualRunUsers
    /// Further directories of the host that every run sees, read-only, under the same path.
    public var shown: [String] = []
    /// Below which control group runs are placed.
    public var controlGroup = ControlGroupChoice.own
    /// Whether a run may have the host's network, if its plan asks for it.
    public var hostNetwork = false
    /// Whether who builds an environment may have it, though runs may not.
    public var buildersNetwork = false
    /// Directories of the host with packages, which builders see, read-only, as `/run/links/0` and so on.
    public var linkDirectories: [String] = []
    /// Protections left out, for tests: what is missing must be noticed.
    public var without: Set<Mechanism> = []

    public init(owner: FileOwnership) { self.owner = owner }

    public var arguments: [String] {
        var arguments = ["--owner", "\(owner.owner):\(owner.group)", "--run-users", "\(runUsers)"]
        if let firstRunUser { arguments += ["--first-run-user", "\(firstRunUser)"] }
        for path in shown { arguments += ["--show", path] }
        switch controlGroup {
        case .own: break
        case .named(let path): arguments += ["--cgroup", path]
        case .none: arguments += ["--cgroup", "none"]
        }
        if hostNetwork { arguments += ["--network", "host"] }
        if buildersNetwork { arguments += ["--network", "builders"] }
        for path in linkDirectories { arguments += ["--find-links", path] }
        for mechanism in Mechanism.allCases where without.contains(mechanism) {
            arguments += ["--without", mechanism.rawValue]
        }
        return arguments
    }

    /// Reads a command line; the error is a sentence.
    public init(parsing arguments: [String]) throws(LauncherUsageError) {
        var owner: FileOwnership?
        var remaining = arguments[...]
        var options = LauncherOptions(owner: FileOwnership(owner: 0, group: 0))
        while let option = remaining.popFirst() {
            guard let value = remaining.popFirst() else { throw LauncherUsageError("\(option) lacks its value") }
            switch option {
            case "--owner":
                let parts = value.split(separator: ":").compactMap { UInt32($0) }
                if parts.count != 2 { throw LauncherUsageError("--owner wants UID:GID, not '\(value)'") }
                owner = FileOwnership(owner: parts[0], group: parts[1])
            case "--first-run-user":
                guard let first = UInt32(value), first > 0 else { throw LauncherUsageError("no user id: '\(value)'") }
                options.firstRunUser = first
            case "--run-users":
                guard let count = UInt32(value), (1...65536).contains(count) else {
                    throw LauncherUsageError("--run-users wants 1 to 65536, not '\(value)'")
                }
                options.runUsers = count
            case "--show":
                if !value.hasPrefix("/") || value.contains("/../") {
                    throw LauncherUsageError("--show wants an absolute path, not '\(value)'")
                }
                options.shown.append(value)
            case "--cgroup":
                if value != "none", !value.hasPrefix("/") || value.contains("/..") {
                    throw LauncherUsageError("--cgroup wants an absolute path or 'none', not '\(value)'")
                }
                options.controlGroup = value == "none" ? .none : .named(value)
            case "--network":
                switch value {
                case "host": options.hostNetwork = true
                case "builders": options.buildersNetwork = true
                default: throw LauncherUsageError("--network wants 'host' or 'builders', not '\(value)'")
                }
            case "--find-links":
                if !value.hasPrefix("/") || value.contains("/../") {
                    throw LauncherUsageError("--find-links wants an absolute path, not '\(value)'")
                }
                options.linkDirectories.append(value)
            case "--without":
                guard let mechanism = Mechanism(rawValue: value) else {
                    throw LauncherUsageError("no such protection: '\(value)'")
                }
                options.without.insert(mechanism)
            default: throw LauncherUsageError("unknown option '\(option)'")
            }
        }
        guard let owner else {
            throw LauncherUsageError("--owner is missing; bobbind starts this program, nobody else")
        }
        options.owner = owner
        self = options
    }
}

/// Below which control group a launcher places its runs.
public enum ControlGroupChoice: Hashable, Sendable {
    /// Its own, if that is delegated.
    case own
    /// One that the operator has made, by its path on the host.
    case named(String)
    case none
}

/// What is wrong with a launcher's command line, as a sentence.
public struct LauncherUsageError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
