internal import Runs

/// Decides whether a run is tried again: a pure function of how it ended and what its manifest asks for.
enum RetryRules {
    /// Milliseconds until the next attempt may begin; nil if this one was the last.
    ///
    /// - Parameter attempt: the number of the one that ended, from 1.
    static func wait(after state: RunState, attempt: Int, _ retry: Manifest.Retry?) -> Int64? {
        guard let retry, attempt < retry.attempts, retry.on.contains(state) else { return nil }
        var wait = min(retry.wait, retry.maxWait)
        for _ in 1..<max(1, attempt) where wait < retry.maxWait {
            let (product, overflow) = wait.multipliedReportingOverflow(by: retry.factorThousandths)
            wait = overflow ? retry.maxWait : min(product / 1000, retry.maxWait)
        }
        return wait
    }

    /// One sentence for readers of a run that waits for another attempt.
    static func reason(_ ended: RunStatus, of attempts: Int, until: Timestamp) -> String {
        let why = ended.reason.map { " (\($0))" } ?? ""
        return
            "attempt \(ended.attempt ?? 1) of \(attempts) ended \(ended.state.rawValue)\(why); the next begins at \(until)"
    }
}
