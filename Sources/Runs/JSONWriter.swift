/// Writes one JSON object with its keys in the order they are added: what `JSONEncoder` does not promise.
///
/// Two spaces of indentation when `pretty`, else one line. `/` is written as it is; control characters, and the two line
/// separators that JavaScript trips over, as `\uNNNN`.
public struct JSONWriter {
    private var text: String
    private var isEmpty: [Bool] = [true]
    private let pretty: Bool

    public init(pretty: Bool = false) {
        self.pretty = pretty
        text = "{"
    }

    /// The finished object, without a newline.
    public consuming func finished() -> String {
        precondition(isEmpty.count == 1, "an object or array was not closed")
        close("}")
        return text
    }

    public mutating func add(_ key: String, _ value: String) {
        begin(key)
        text += Self.quoted(value)
    }

    public mutating func add(_ key: String, _ value: Int64) {
        begin(key)
        text += String(value)
    }

    public mutating func add(_ key: String, _ value: Bool) {
        begin(key)
        text += value ? "true" : "false"
    }

    /// Milliseconds as seconds with three decimals: 1234 is `1.234`.
    public mutating func add(_ key: String, seconds milliseconds: Int64) {
        begin(key)
        text += Self.seconds(milliseconds)
    }

    /// A value that is JSON already.
    public mutating func add(_ key: String, json: String) {
        begin(key)
        text += json
    }

    public mutating func addObject(_ key: String?, _ body: (inout JSONWriter) -> Void) { nest(key, "{", "}", body) }

    /// An array; inside, `addObject(nil)` and `addElement` add to it.
    public mutating func addArray(_ key: String?, _ body: (inout JSONWriter) -> Void) { nest(key, "[", "]", body) }

    public mutating func addElement(_ value: String) {
        begin(nil)
        text += Self.quoted(value)
    }

    private mutating func nest(_ key: String?, _ open: String, _ end: String, _ body: (inout JSONWriter) -> Void) {
        begin(key)
        text += open
        isEmpty.append(true)
        body(&self)
        close(end)
    }

    private mutating func begin(_ key: String?) {
        if isEmpty[isEmpty.count - 1] { isEmpty[isEmpty.count - 1] = false } else { text += pretty ? "," : "," }
        if pretty { text += "\n" + String(repeating: "  ", count: isEmpty.count) }
        if let key { text += Self.quoted(key) + (pretty ? ": " : ":") }
    }

    private mutating func close(_ end: String) {
        let wasEmpty = isEmpty.removeLast()
        if pretty, !wasEmpty { text += "\n" + String(repeating: "  ", count: isEmpty.count) }
        text += end
    }

    /// Milliseconds as decimal seconds with three decimals.
    public static func seconds(_ milliseconds: Int64) -> String {
        let magnitude = milliseconds.magnitude
        let fraction = String(magnitude % 1000)
        return (milliseconds < 0 ? "-" : "") + String(magnitude / 1000) + "."
            + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// A text as a JSON string.
    public static func quoted(_ value: String) -> String {
        // Nearly every one: no need to look at it character by character.
        if value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }) { return "\"\(value)\"" }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
