/// Users, some of them one by one and some as a range: whose entries a walk may touch.
public struct OwnerSet: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    private let users: [UInt32]
    private let range: ClosedRange<UInt32>?

    public init(_ users: [UInt32], and range: ClosedRange<UInt32>? = nil) {
        self.users = users
        self.range = range
    }

    public init(arrayLiteral users: UInt32...) { self.init(users) }

    public func contains(_ user: UInt32) -> Bool { users.contains(user) || range?.contains(user) == true }

    public var description: String {
        (users.map(String.init) + (range.map { ["\($0.lowerBound) to \($0.upperBound)"] } ?? [])).joined(
            separator: " or ")
    }
}
