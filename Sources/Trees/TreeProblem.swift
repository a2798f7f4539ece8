public import Linux

/// One thing in a tree that is not taken, and why.
public struct TreeProblem: Sendable, Hashable {
    /// What is wrong, as `errors` in status.json names it.
    public enum Code: String, Sendable, CaseIterable {
        case linkLeaves = "link_leaves"
        case specialFile = "special_file"
        case foreignOwner = "foreign_owner"
        case otherFilesystem = "other_filesystem"
        case unreadable
        case changed
        case badName = "bad_name"
        case repeatedName = "repeated_name"
        case tooDeep = "too_deep"
        case tooLarge = "too_large"
        case tooManyEntries = "too_many_entries"
        case empty
        case archiveTruncated = "archive_truncated"
        case archiveDamaged = "archive_damaged"
        case archiveEncrypted = "archive_encrypted"
        case archiveFeature = "archive_feature"
    }

    public static let maximumPath = 1024
    public static let maximumDetail = 512

    public let code: Code
    public let kind: FileKind
    /// Bytes relative to the tree's root; empty for the root. One over `maximumPath` is cut and ends in `...`.
    public let path: [UInt8]
    /// A sentence without the path, for people; at most `maximumDetail` bytes.
    public let detail: String

    public init(_ code: Code, kind: FileKind = .unknown, path: [UInt8], detail: String) {
        self.code = code
        self.kind = kind
        self.path =
            path.count <= TreeProblem.maximumPath
            ? path : Array(path[..<(TreeProblem.maximumPath - 3)]) + Array("...".utf8)
        self.detail =
            detail.utf8.count <= TreeProblem.maximumDetail
            ? detail : String(decoding: detail.utf8.prefix(TreeProblem.maximumDetail - 6), as: UTF8.self) + "..."
    }

    /// One line for people; control characters escaped.
    public var message: String { path.isEmpty ? detail : "\(escaped(path)): \(detail)" }
}
