internal import Synchronization

/// Numbers claims in their order, over restarts.
final class ClaimCounter: Sendable {
    private let value: Mutex<Int64>

    /// Whose turn it is to claim: from the number to the link, one at a time.
    let turn = AsyncPlaces(1)

    init(next: Int64) { value = Mutex(next) }

    /// The number of the last claim.
    var last: Int64 { value.withLock { $0 - 1 } }

    func next() -> Int64 {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
