internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Threads
internal import Trees

/// Looks from time to time at how much a running script has written beside itself: nothing in the kernel holds that, and it must
/// not fill the disk before it ends.
struct OutputWatch: Sendable {
    let context: EngineContext
    let run: RunID
    let limits: Limits

    /// Between two looks; most runs end before the first.
    private static let usual = Duration.seconds(1)
    /// The same while there is little room in the spool.
    private static let urgent = Duration.milliseconds(200)
    /// So many times as long as a look took, nothing is looked at: a twentieth of a processor at most.
    private static let rest = 20
    private static let longest = Duration.seconds(10)

    /// Returns the limit that the run is over, or nil when the task is cancelled.
    func firstExceeded() async -> TreeReport.Exceeded? {
        var pause = interval
        while (try? await Countdown.sleep(for: pause)) != nil {
            let begun = SuspendingClock.now
            // A launcher that died has taken the run along.
            if let sample = try? await context.launcher.sample(
                SpoolLayout.Run.upper, in: .run(run), bytes: limits.output, entries: limits.outputFiles)
            {
                if sample.bytes > limits.output { return .output }
                if sample.entries > limits.outputFiles { return .outputFiles }
            }
            pause = min(max(interval, (SuspendingClock.now - begun) * Self.rest), Self.longest)
        }
        return nil
    }

    private var interval: Duration {
        let free = (try? context.spool.freeSpace()) ?? .max
        return free / 4 < context.settings.value.minFreeSpace ? Self.urgent : Self.usual
    }

    /// What status.json says of it.
    static let enforced = [TreeReport.Exceeded.output, .outputFiles].map { Label(key: $0.rawValue, value: "sampled") }
}
