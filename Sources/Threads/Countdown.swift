internal import _Concurrency

/// Waiting for a time to pass that is nearly always cut short.
public enum Countdown {
    /// Sleeps as `Task.sleep` does by the suspending clock, but leaves no timer behind when it is cancelled.
    ///
    /// A thousand runs a second with a timeout of fifteen minutes would else keep a million timers.
    public static func sleep(for duration: Duration) async throws(CancellationError) {
        guard let pool = GlobalExecutor.pool else {
            do { return try await Task.sleep(for: duration, clock: .suspending) } catch { throw CancellationError() }
        }
        try await sleep(for: duration, on: pool)
    }

    static func sleep(for duration: Duration, on pool: ThreadPool) async throws(CancellationError) {
        let timer = pool.newTimer()
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                pool.set(timer, after: duration, .countdown(continuation))
                // If the handler ran before there was a timer, it found none.
                if Task.isCancelled { cancel(timer, pool) }
            }
        } onCancel: {
            cancel(timer, pool)
        }
        if !isOver { throw CancellationError() }
    }

    private static func cancel(_ timer: Timers<ThreadPool.Due>.ID, _ pool: ThreadPool) {
        if case .countdown(let continuation)? = pool.cancel(timer) { continuation.resume(returning: false) }
    }
}
