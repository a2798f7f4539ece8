public import Runs

/// How a caller names a run: a beginning of its id, its bundle's name, both as the results' directories have them, or a path to
/// one of those.
public struct RunSelector: Sendable, Hashable {
    /// What the caller wrote.
    public let text: String
    /// A whole id.
    public let run: RunID?
    public let name: BundleName?
    public let queue: QueueName?
    /// A beginning of an id, if the text can be one; the name counts first.
    public let beginning: String?

    /// nil if no run can be named so.
    public init?(_ text: String) {
        self.text = text
        let parts = text.split(separator: "/", omittingEmptySubsequences: true)
        guard let last = parts.last else { return nil }
        // `outbox/nightly/report` names the queue; `./report` does not.
        queue = parts.count > 1 ? QueueName(parts[parts.count - 2]) : nil
        let bytes = Array(last.utf8)
        if let run = RunID(bytes: bytes) {
            self.run = run
            name = nil
            beginning = nil
        } else if let run = BundleName.runSuffix(of: bytes) {
            self.run = run
            name = BundleName(bytes: bytes.dropLast(27))
            beginning = nil
        } else {
            run = nil
            name = BundleName(bytes: bytes)
            beginning = Self.canBegin(bytes) ? String(last) : nil
            if name == nil && beginning == nil { return nil }
        }
    }

    private static func canBegin(_ bytes: [UInt8]) -> Bool {
        // Any beginning of an id can be filled up to one.
        bytes.count < 26 && RunID(bytes: bytes + [UInt8](repeating: 0x30, count: 26 - bytes.count)) != nil
    }
}
