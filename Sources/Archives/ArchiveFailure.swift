internal import Linux
internal import Trees

/// Why an archive could not be read on.
enum ArchiveFailure: Error {
    case truncated(String)
    case damaged(String)
    case encrypted
    /// It unpacks to more than it may.
    case large

    /// Out of libarchive's words, which are the only place where it tells the one from the other.
    init(message: String) {
        let text = message.lowercased()
        // The last is what the xz library calls it.
        let isCut = ["truncated", "premature", "no progress is possible"].contains { text.contains($0) }
        self = isCut ? .truncated(message) : .damaged(message)
    }

    func problem(limit: Int64) -> TreeProblem {
        switch self {
        case .truncated(let message):
            TreeProblem(.archiveTruncated, path: [], detail: "the archive was cut off: \(message)")
        case .damaged(let message):
            TreeProblem(.archiveDamaged, path: [], detail: "the archive cannot be read: \(message)")
        case .encrypted:
            TreeProblem(.archiveEncrypted, path: [], detail: "the archive is encrypted")
        case .large:
            TreeProblem(.tooLarge, kind: .directory, path: [], detail: "holds more than \(limit) bytes")
        }
    }
}
