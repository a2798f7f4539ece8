internal import History
internal import Linux
internal import Runs

/// What time it is for a sweep: never much later than the last sweep's time and the time that has passed since, whatever
/// somebody set the wall clock to. A clock that jumps a year ahead must not empty the spool.
enum SweepClock {
    /// Milliseconds that may have passed while the machine was off, at most: nobody but the wall clock knows.
    private static let longestOff: Int64 = 3 * 86_400_000
    /// 2026-01-01: a mark from before that was made by a clock that was not set yet.
    private static let earliest = Timestamp(milliseconds: 1_767_225_600_000)

    /// The smaller of the wall clock and the last sweep's time plus what has passed since by the boot clock.
    ///
    /// Of the time that a machine was off, at most three days are believed at each start. A wall clock that is kept by NTP is
    /// believed as it is.
    static func now(wall: Timestamp, isKept: Bool, uptime: Uptime, last: SweepMark?) -> Timestamp {
        guard let last, last.at >= earliest, !isKept else { return wall }
        var passed = max(0, uptime.milliseconds - (last.bootID == uptime.bootID ? last.bootMilliseconds : 0))
        if last.bootID != uptime.bootID {
            let off = wall.milliseconds - last.at.milliseconds - passed
            passed += min(max(0, off), longestOff)
        }
        return min(wall, Timestamp(milliseconds: last.at.milliseconds + passed))
    }

    /// What is noted of a sweep: never an earlier time than before, or a clock that was wrong once would count for ever.
    static func mark(_ now: Timestamp, _ uptime: Uptime, last: SweepMark?) -> SweepMark {
        SweepMark(at: max(now, last?.at ?? now), bootID: uptime.bootID, bootMilliseconds: uptime.milliseconds)
    }
}
