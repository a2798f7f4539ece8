internal import Runs

extension Node {
    /// The value as JSON text on one line: numbers keep their digits, objects their order. What JSON cannot say is reported.
    func json(reportingTo findings: Findings) -> String {
        var text = ""
        write(to: &text, findings)
        return text
    }

    /// Recursion is bounded by the depth the tree was read with.
    private func write(to text: inout String, _ findings: Findings) {
        switch content {
        case .unreadable: text += "null"
        case .sequence(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text, findings)
            }
            text += "]"
        case .mapping(let pairs):
            text += "{"
            for (index, pair) in pairs.enumerated() {
                if index > 0 { text += "," }
                text += JSONWriter.quoted(pair.key) + ":"
                pair.value.write(to: &text, findings)
            }
            text += "}"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: text += "null"
            case .boolean(let value): text += value ? "true" : "false"
            case .text: text += JSONWriter.quoted(scalar.text)
            case .integer, .number:
                if let number = scalar.jsonNumber {
                    text += number
                } else {
                    findings.add(
                        .badValue, "\(quoted(scalar.text)) is beyond 64 bits; write it in decimal", at: position)
                }
            case .notFinite:
                findings.add(
                    .badValue, "\(quoted(scalar.text)) has no place in JSON; put it in quotes to pass it as a text",
                    at: position)
            }
        }
    }
}
