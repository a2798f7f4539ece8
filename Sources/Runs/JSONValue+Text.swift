extension JSONValue {
    /// The value as JSON text on one line without spaces: numbers with their digits, objects in their order.
    public var json: String {
        switch self {
        case .object(let object):
            "{" + object.members.map { "\(JSONWriter.quoted($0.key)):\($0.value.json)" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .text(let text): JSONWriter.quoted(text)
        case .number(let digits): digits
        case .boolean(let value): value ? "true" : "false"
        case .null: "null"
        }
    }
}
