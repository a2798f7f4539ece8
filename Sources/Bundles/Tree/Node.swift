/// A place in a text; both from 1, the column in characters (Unicode scalars).
public struct Position: Hashable, Sendable, Comparable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A value of a YAML or JSON text, and where it stands there.
///
/// A tree is at most as deep as the limit it was read with, so walking it by recursion is safe.
public struct Node: Hashable, Sendable {
    public let content: Content
    public let position: Position

    public enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([Node])
        /// In the text's order; no key twice.
        case mapping([Pair])
        /// Something whose error is reported already: readers pass over it.
        case unreadable
    }

    /// A text, and whether it was written plain: only then it can be a number, a truth value or nothing.
    public struct Scalar: Hashable, Sendable {
        public let text: String
        public let isPlain: Bool

        public init(text: String, isPlain: Bool) {
            self.text = text
            self.isPlain = isPlain
        }
    }

    /// A key and its value.
    public struct Pair: Hashable, Sendable {
        public let key: String
        public let keyPosition: Position
        public let value: Node
    }

    /// The value of a key, if this is a mapping that has it.
    public subscript(key: String) -> Node? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The elements, if this is a sequence.
    public var elements: [Node]? {
        guard case .sequence(let elements) = content else { return nil }
        return elements
    }

    /// The text, if this is a text and no number, truth value or null.
    public var text: String? {
        guard case .scalar(let scalar) = content, scalar.value == .text else { return nil }
        return scalar.text
    }

    /// The number, if this is a whole one between -2^63 and 2^63 - 1.
    public var integer: Int64? {
        guard case .scalar(let scalar) = content, case .integer(let value) = scalar.value else { return nil }
        return value
    }

    /// The truth value, if this is one.
    public var boolean: Bool? {
        guard case .scalar(let scalar) = content, case .boolean(let value) = scalar.value else { return nil }
        return value
    }

    /// Whether this is null.
    public var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.value == .null
    }
}
