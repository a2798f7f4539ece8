import Testing

extension Daemon {
    /// The process that keeps the launcher: the daemon's child.
    var keeper: Int32 {
        get throws { try Self.launcherChild(of: #require(process?.pid)) }
    }

    /// The keeper's child, which makes the sandboxes.
    var launcher: Int32 {
        get throws { try Self.launcherChild(of: keeper) }
    }

    private static func launcherChild(of pid: Int32) throws -> Int32 {
        try #require(Processes.children(of: pid).first { Processes.name(of: $0).hasPrefix("bobbin-launch") })
    }
}
