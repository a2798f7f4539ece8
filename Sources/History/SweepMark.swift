public import Runs

/// When the last sweep was, by the wall clock and by one that nobody sets.
public struct SweepMark: Hashable, Sendable {
    public let at: Timestamp
    /// Which start of the machine `bootMilliseconds` counts from.
    public let bootID: String
    public let bootMilliseconds: Int64

    public init(at: Timestamp, bootID: String, bootMilliseconds: Int64) {
        self.at = at
        self.bootID = bootID
        self.bootMilliseconds = bootMilliseconds
    }
}
