import Foundation

/// What was waited for in vain.
struct WaitedInVain: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until there is an answer: the tests' only place that polls, as a shell script would.
///
/// - Parameter pause: between two questions; longer where to ask costs much.
/// - Throws: `WaitedInVain` with `what` when the time is over.
@discardableResult
func eventually<Answer>(
    within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(10), _ what: @autoclosure () -> String,
    _ ask: () async throws -> Answer?
) async throws -> Answer {
    let deadline = ContinuousClock.now + limit * patience
    while true {
        if let answer = try await ask() { return answer }
        if ContinuousClock.now > deadline { throw WaitedInVain(description: "not within \(limit): \(what())") }
        try await Task.sleep(for: pause)
    }
}

/// Waits until something holds.
func eventually(
    within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(10),
    _ what: @autoclosure () -> String, holds: () async throws -> Bool
) async throws {
    try await eventually(within: limit, every: pause, what()) { () async throws -> Void? in try await holds() ? () : nil
    }
}

/// So many times as long as usual: on an emulated machine.
private let patience = ProcessInfo.processInfo.environment["BOBBIN_PATIENCE"].flatMap { Int($0) } ?? 1
