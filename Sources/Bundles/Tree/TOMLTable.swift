/// A table while it is read.
final class TOMLTable {
    enum Value {
        case node(Node)
        case table(TOMLTable)
        case tables(List)
    }

    /// The tables of one name, which grows without being copied.
    final class List {
        var tables: [TOMLTable]

        init(_ first: TOMLTable) { tables = [first] }
    }

    let position: Position
    /// Whether its keys have been said in one place, so that no other may say them again.
    var isClosed = false
    private var entries: [(key: String, position: Position, value: Value)] = []
    private var places: [String: Int] = [:]

    init(_ position: Position) { self.position = position }

    subscript(key: String) -> Value? { places[key].map { entries[$0].value } }

    func add(_ key: String, _ position: Position, _ value: Value) {
        places[key] = entries.count
        entries.append((key, position, value))
    }

    var node: Node {
        let pairs = entries.map { entry in
            let value: Node =
                switch entry.value {
                case .node(let node): node
                case .table(let table): table.node
                case .tables(let list):
                    Node(content: .sequence(list.tables.map(\.node)), position: entry.position)
                }
            return Node.Pair(key: entry.key, keyPosition: entry.position, value: value)
        }
        return Node(content: .mapping(pairs), position: position)
    }
}
