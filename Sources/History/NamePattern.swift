/// A pattern of names: `*` and `?`, everything else stands for itself.
struct NamePattern {
    let text: String
    let isExact: Bool
    /// What stands before the first `*` or `?`.
    let prefix: String
    /// The longest piece without them.
    let longestPiece: Int
    /// As SQLite's GLOB takes it.
    let glob: String

    init(_ text: String) {
        self.text = text
        isExact = !text.contains { $0 == "*" || $0 == "?" }
        prefix = String(text.prefix { $0 != "*" && $0 != "?" })
        longestPiece = text.split { $0 == "*" || $0 == "?" }.map(\.utf8.count).max() ?? 0
        glob = text.map { $0 == "[" ? "[[]" : String($0) }.joined()
    }
}
