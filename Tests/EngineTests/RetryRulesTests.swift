import Linux
import Runs
import Spool
import Testing

@testable import Engine

@Suite("Whether a run is tried again, and when")
struct RetryRulesTests {
    private static func retry(
        _ attempts: Int, wait: Int64 = 100, factor: Int64 = 2000, max: Int64 = 1000
    ) -> Manifest.Retry {
        var retry = Manifest.Retry()
        retry.attempts = attempts
        retry.wait = wait
        retry.factorThousandths = factor
        retry.maxWait = max
        return retry
    }

    @Test("The wait grows by the factor, up to the most")
    func waits() {
        let retry = Self.retry(9)
        let waits = (1...9).map { RetryRules.wait(after: .failed, attempt: $0, retry) }
        #expect(waits == [100, 200, 400, 800, 1000, 1000, 1000, 1000, nil])
        #expect(RetryRules.wait(after: .failed, attempt: 3, Self.retry(5, factor: 1500)) == 225)
        #expect(RetryRules.wait(after: .failed, attempt: 1, Self.retry(5, wait: 5000)) == 1000)
        let large = Self.retry(100, wait: .max / 4, factor: 100_000, max: .max)
        #expect(RetryRules.wait(after: .failed, attempt: 99, large) == .max)
    }

    @Test("Only after the states that are named, and never without a wish")
    func states() {
        var retry = Self.retry(3)
        retry.on = [.timedOut]
        for state in RunState.allCases {
            #expect((RetryRules.wait(after: state, attempt: 1, retry) != nil) == (state == .timedOut))
            #expect(RetryRules.wait(after: state, attempt: 1, nil) == nil)
        }
    }

    @Test("What is left of a wait is told by the boot clock, after another boot by the wall clock, and is never more")
    func remaining() {
        let start = Uptime(bootID: "a", milliseconds: 1000)
        let now = Timestamp(milliseconds: 1_000_000)
        let wait = RunRecord.Wait(milliseconds: 500, from: start, at: now)
        let hour: Int64 = 3_600_000
        for jump in [0, hour, -hour] {
            let wall = Timestamp(milliseconds: now.milliseconds + jump)
            #expect(wait.remaining(Uptime(bootID: "a", milliseconds: 1200), at: wall) == 300)
            #expect(wait.remaining(Uptime(bootID: "a", milliseconds: 9000), at: wall) == 0)
        }
        let other = Uptime(bootID: "b", milliseconds: 10)
        #expect(wait.remaining(other, at: Timestamp(milliseconds: now.milliseconds + 100)) == 400)
        #expect(wait.remaining(other, at: Timestamp(milliseconds: now.milliseconds + hour)) == 0)
        #expect(wait.remaining(other, at: Timestamp(milliseconds: now.milliseconds - hour)) == 500)
        let unknown = RunRecord.Wait(milliseconds: 500, from: Uptime(bootID: "", milliseconds: 0), at: now)
        #expect(unknown.remaining(Uptime(bootID: "", milliseconds: 0), at: now) == 500)
    }

    @Test("Runs whose time has come come out in its order, and those withdrawn never")
    func delays() {
        var delays = Delays()
        let start = SuspendingClock.now
        let runs = (0..<4).map { _ in RunID.new() }
        for (run, due) in zip(runs, [30, 10, 20, 40]) { delays.add(run, due: start + .milliseconds(due)) }
        #expect(delays.count == 4)
        #expect(delays.firstDue == start + .milliseconds(10))
        let withdrawals = [delays.withdraw(runs[2]), delays.withdraw(runs[2])]
        #expect(withdrawals == [true, false])
        let came = [0, 35, 35, 35].map { delays.next(at: start + .milliseconds($0)) }
        #expect(came == [nil, runs[1], runs[0], nil])
        #expect(delays.count == 1)
    }
}
