/// Paths that a manifest names: relative, inside the bundle.
enum BundlePath {
    /// The path with `.` parts and doubled slashes left out; nil, and a sentence that goes on after the path, if it is none.
    static func normalized(_ text: String) -> (path: String?, fault: String) {
        let bytes = Array(text.utf8)
        if bytes.isEmpty { return (nil, "is empty") }
        if bytes.contains(0) { return (nil, "has a NUL in it") }
        if bytes.first == 0x2F { return (nil, "must be relative to the bundle's root") }
        if bytes.last == 0x2F { return (nil, "must not end in '/'") }
        let parts = bytes.split(separator: 0x2F).filter { !$0.elementsEqual([0x2E]) }
        if parts.contains(where: { $0.elementsEqual([0x2E, 0x2E]) }) { return (nil, "must not have '..' in it") }
        if parts.isEmpty { return (nil, "names no file") }
        if bytes.count > 4095 || parts.contains(where: { $0.count > 255 }) { return (nil, "is too long") }
        return (String(decoding: Array(parts.joined(separator: [0x2F])), as: UTF8.self), "")
    }
}

extension Findings {
    /// A path in the bundle.
    func path(_ node: Node, _ key: String) -> String? {
        guard let text = text(node, key) else { return nil }
        let (path, fault) = BundlePath.normalized(text)
        if path == nil { add(.badPath, "'\(key)' \(quoted(text)) \(fault)", at: node.position) }
        return path
    }
}
