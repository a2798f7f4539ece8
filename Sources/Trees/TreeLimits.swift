/// How much of a tree is taken.
public struct TreeLimits: Sendable, Hashable {
    /// Bytes of all regular files together, by their apparent size: a sparse file counts as what a reader would get.
    public let bytes: Int64
    /// Files, directories and links, without the root.
    public let entries: Int
    /// Components of the longest path; each level costs two or three open descriptors, so never over `maximumDepth`.
    public let depth: Int

    public static let maximumDepth = 128

    public init(bytes: Int64, entries: Int, depth: Int = TreeLimits.maximumDepth) {
        // No filesystem holds more, and sums below it cannot overflow.
        self.bytes = min(max(0, bytes), 1 << 62)
        self.entries = max(0, entries)
        self.depth = min(max(0, depth), TreeLimits.maximumDepth)
    }
}
