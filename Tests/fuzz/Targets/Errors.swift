internal import Runs

/// A file that is refused says why: a bounded number of lines that a terminal can show, each at a place that is in the file.
func checkErrors(_ errors: [BundleError], of bytes: [UInt8]) throws {
    try hold(!errors.isEmpty, "refused without an error")
    try hold(errors.count <= 200, "\(errors.count) errors")
    // YAML has further ends of a line than JSON: CR, and three of Unicode.
    let lines = bytes.reduce(1) { $0 + ($1 == 0x0A || $1 == 0x0D || $1 == 0x85 || $1 == 0xA8 || $1 == 0xA9 ? 1 : 0) }
    // libyaml means by the line after the last that a text ends too early.
    let last = lines + 1
    for error in errors {
        let text = error.description
        try hold(text.utf8.count <= 4096, "an error of \(text.utf8.count) bytes")
        try hold(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "an error with a control character: \(error)")
        try hold(!error.code.isEmpty && !error.message.isEmpty, "an error without words: \(error)")
        if let line = error.line { try hold((1...last).contains(line), "no such line: \(error)") }
        if let column = error.column { try hold((1...bytes.count + 1).contains(column), "no such column: \(error)") }
    }
}
