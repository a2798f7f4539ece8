import Testing

extension Daemon {
    @TaskLocal private static var current: Daemon?

    /// The daemon of the suite that the running test is in.
    static var shared: Daemon {
        get throws { try #require(current, "the suite lacks @Suite(.sharedDaemon())") }
    }

    /// Gives all tests of a suite one daemon.
    struct SuiteDaemon: SuiteTrait, TestScoping {
        let mode: TemporarySpool.Mode?
        let settings: String?
        let arguments: [String]

        func provideScope(
            for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
        ) async throws {
            try await withDaemon(mode, settings: settings, arguments: arguments) { daemon in
                try await Daemon.$current.withValue(daemon) { try await function() }
            }
        }
    }
}

extension Trait where Self == Daemon.SuiteDaemon {
    /// All tests of the suite use one daemon, `Daemon.shared`; it is expected to be well after the last of them.
    static func sharedDaemon(
        _ mode: TemporarySpool.Mode? = nil, settings: String? = nil, arguments: [String] = []
    ) -> Self {
        Self(mode: mode, settings: settings, arguments: arguments)
    }
}
