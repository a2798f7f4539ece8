import Foundation
import Testing

/// What the suites of scarcity share.
enum Scarce {
    /// Nothing waits for long, and the smallest disk has enough room to start.
    static let settings = """
        min_free_space: 1
        slots: 2
        intake: {settle: 100ms, quiet: 20ms, rescan: never}
        """
}

extension Daemon {
    /// Waits until the daemon says that something has to wait.
    func saysThatItWaits(_ words: String) async throws {
        try await eventually("'\(words) has to wait' is said; it said:\n\(remarkableLog)") {
            log.contains("\(words) has to wait")
        }
    }

    /// Waits until the daemon says that it goes on.
    func saysThatItGoesOn(_ words: String) async throws {
        try await eventually("'\(words) goes on' is said; it said:\n\(remarkableLog)") {
            log.contains("\(words) goes on")
        }
    }

    /// Waits until the daemon has said something.
    func saysOnce(_ words: String) async throws {
        try await eventually("'\(words)' is said; it said:\n\(remarkableLog)") { currentLog.contains(words) }
    }

    /// Expects something to have been said exactly once so often as it began.
    func expectSaid(_ words: String, times: Int = 1, _ location: SourceLocation = #_sourceLocation) {
        #expect(log.components(separatedBy: words).count - 1 == times, "\(remarkableLog)", sourceLocation: location)
    }

    /// Expects nothing to be left of any run, and no hindrance.
    func expectNothingLeft() async throws {
        try await eventually("nothing is left of any run") {
            spool.names(in: "state/runs").isEmpty
                && spool.names(in: "active/default").allSatisfy { $0.hasPrefix(".") }
        }
        // The last run's record goes a moment before the hindrance is over.
        try await eventually("nothing has to wait") { (try? spool.hindrances().isEmpty) == true }
    }
}
