/// The ranges of wall time that the kinds of runs are told apart by. Their bounds are those that people ask for: a question
/// for one of them need not look at a single run.
enum DurationRange {
    /// Milliseconds; range 0 is below the first of them, the last is open. Stored numbers: never changed, only replaced by a
    /// migration.
    static let bounds: [Int64] = [
        1000, 10_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000,
    ]

    static func of(_ milliseconds: Int64) -> Int64 { Int64(bounds.prefix { $0 <= milliseconds }.count) }
}
