/// The keys of one mapping, once those that are not known have been reported.
struct Fields {
    private let values: [String: Node]
    /// Where each key stands.
    let positions: [String: Position]

    /// - Parameters:
    ///   - node: nil or null stand for an empty mapping.
    ///   - subject: the mapping as messages name it, as `limits`; nil at the top.
    ///   - known: the keys it may have, in the order of the contract.
    init(_ node: Node?, of subject: String?, known: [String], _ findings: Findings) {
        var values: [String: Node] = [:]
        var positions: [String: Position] = [:]
        for pair in node?.pairs(of: subject ?? "the file", findings) ?? [] {
            if known.contains(pair.key) {
                values[pair.key] = pair.value
                positions[pair.key] = pair.keyPosition
            } else {
                let place = subject.map { " in '\($0)'" } ?? ""
                let suggestion = Suggestion.text(for: pair.key, among: known)
                findings.add(
                    .unknownKey, "unknown key \(quoted(pair.key))\(place)\(suggestion)", at: pair.keyPosition)
            }
        }
        self.values = values
        self.positions = positions
    }

    /// The value of a key as it was written.
    subscript(_ key: String) -> Node? { values[key] }

    /// Calls `read` with a value of the mapping, if it has it; nil otherwise and where `read` found errors.
    func read<Value>(_ key: String, _ read: (Node) -> Value?) -> Value? {
        guard let node = values[key], node.content != .unreadable else { return nil }
        return read(node)
    }
}

extension Node {
    /// The pairs of a mapping; null is an empty one, anything else is reported.
    func pairs(of subject: String, _ findings: Findings) -> [Pair] {
        switch content {
        case .mapping(let pairs): return pairs
        case .unreadable: return []
        default:
            if isNull { return [] }
            findings.add(.wrongType, "'\(subject)' must be a mapping of keys; this is \(kind)", at: position)
            return []
        }
    }

    /// What it is, as messages say it.
    var kind: String {
        switch content {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .unreadable: return "unreadable"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return "nothing"
            case .boolean, .integer, .number, .notFinite:
                return scalar.text.utf8.count <= 80 ? scalar.text : "a number of \(scalar.text.utf8.count) digits"
            case .text: return quoted(scalar.text)
            }
        }
    }
}
