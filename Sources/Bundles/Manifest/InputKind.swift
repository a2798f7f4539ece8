/// How an input file is read for a script that is called with what it says.
public enum InputKind: String, Sendable, Hashable {
    case json, csv
    /// One JSON value a line.
    case lines = "jsonl"

    /// By its ending; nil if that says nothing.
    public init?(ofFile path: String) {
        let name = path.lowercased()
        if name.hasSuffix(".json") {
            self = .json
        } else if name.hasSuffix(".csv") {
            self = .csv
        } else if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
            self = .lines
        } else {
            return nil
        }
    }
}
