public import Runs

/// A day of UTC, counted from 1970-01-01: what statistics are kept by.
public struct UTCDay: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    public init(_ moment: Timestamp) {
        let (quotient, remainder) = moment.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        number = remainder < 0 ? quotient - 1 : quotient
    }

    /// As `2026-11-01`.
    public var description: String {
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: 86_400_000)
        return overflow ? "\(number)" : String(Timestamp(milliseconds: milliseconds).description.prefix { $0 != "T" })
    }

    public static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }
}
