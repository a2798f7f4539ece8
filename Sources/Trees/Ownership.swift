/// Whose a tree becomes.
public struct Ownership: Sendable, Hashable {
    public let owner: UInt32
    public let group: UInt32

    public init(owner: UInt32, group: UInt32) {
        self.owner = owner
        self.group = group
    }
}
