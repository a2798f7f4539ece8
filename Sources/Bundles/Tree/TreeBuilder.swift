/// Makes a tree out of the pieces a text is read in, and reports what no tree may have: keys that come twice or are no texts.
struct TreeBuilder {
    private(set) var root: Node?
    private var stack: [Frame] = []
    private let levels: Int
    private let findings: Findings

    private struct Frame {
        let isMapping: Bool
        let position: Position
        var elements: [Node] = []
        var pairs: [Node.Pair] = []
        var pending = Pending.key
        /// Keys by their bytes (as strings, NFC and NFD twins would be one) and the lines they stand on.
        var lines: [[UInt8]: Int] = [:]
    }

    private enum Pending {
        /// The next thing is a key.
        case key
        /// The next thing is this key's value.
        case value(of: String, Position)
        /// The next thing belongs to a key that was reported.
        case ignoredValue
    }

    init(levels: Int, findings: Findings) {
        self.levels = levels
        self.findings = findings
    }

    /// A sequence or mapping begins.
    mutating func open(isMapping: Bool, at position: Position) throws(SyntaxFailure) {
        if stack.count >= levels {
            throw SyntaxFailure(.tooDeep, "is deeper than \(levels) levels here", position)
        }
        stack.append(Frame(isMapping: isMapping, position: position))
    }

    /// It ends.
    mutating func close() {
        guard let frame = stack.popLast() else { return }
        let content: Node.Content = frame.isMapping ? .mapping(frame.pairs) : .sequence(frame.elements)
        add(Node(content: content, position: frame.position))
    }

    /// A finished value, or a key.
    mutating func add(_ node: Node) {
        guard let top = stack.indices.last else {
            root = node
            return
        }
        if !stack[top].isMapping {
            stack[top].elements.append(node)
            return
        }
        switch stack[top].pending {
        case .key: stack[top].pending = begin(node, top)
        case .ignoredValue: stack[top].pending = .key
        case .value(let key, let position):
            stack[top].pairs.append(Node.Pair(key: key, keyPosition: position, value: node))
            stack[top].pending = .key
        }
    }

    private mutating func begin(_ node: Node, _ top: Int) -> Pending {
        guard case .scalar(let scalar) = node.content else {
            if node.content != .unreadable { findings.add(.wrongType, "a key must be a text", at: node.position) }
            return .ignoredValue
        }
        let bytes = Array(scalar.text.utf8)
        if let line = stack[top].lines[bytes] {
            findings.add(.repeatedKey, "repeated key \(quoted(scalar.text)), first on line \(line)", at: node.position)
            return .ignoredValue
        }
        stack[top].lines[bytes] = node.position.line
        return .value(of: scalar.text, node.position)
    }
}
