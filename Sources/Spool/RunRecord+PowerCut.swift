internal import Runs

extension RunRecord {
    /// What can be believed of it in another boot of the machine: the lines are whole, but of what they speak of only that is
    /// on disk which was flushed.
    ///
    /// What ran and was not flushed to its end counts as still running, with no process: the machine went down before its result
    /// was there. A rejection, and with it what is to go back, is made again from what was sent, which was flushed before its
    /// record. A run that never began has left nothing, so its end is believed.
    public func afterPowerCut(flushes: Int64) -> RunRecord {
        if isCovered(by: flushes) { return self }
        var record = self
        switch progress {
        case .claimed, .queued, .retrying: break
        case .running(let accepted, var attempt), .ended(let accepted, var attempt, _):
            // The number belongs to another process now, or to none.
            attempt.process = nil
            record.progress = .running(accepted, attempt)
        case .finished(nil, _): record.progress = .claimed
        case .finished(let accepted?, let status):
            guard let startedAt = status.startedAt else { break }
            record.progress = .running(
                accepted,
                Attempt(
                    number: status.attempt ?? 1, startedAt: startedAt,
                    waitMilliseconds: status.waitMilliseconds ?? 0))
        }
        return record
    }

    /// Whether its result is known to be on disk, whole.
    public func isCovered(by flushes: Int64) -> Bool {
        guard case .finished = progress, let flush else { return false }
        return flush <= flushes
    }
}
