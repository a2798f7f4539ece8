extension JSONValue {
    /// Whether a double can hold each of its numbers: what is beyond reads as infinity, or not at all.
    public var isFinite: Bool {
        switch self {
        case .object(let object): object.members.allSatisfy { $0.value.isFinite }
        case .array(let elements): elements.allSatisfy(\.isFinite)
        case .number(let digits): Double(digits)?.isFinite == true
        case .text, .boolean, .null: true
        }
    }

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
