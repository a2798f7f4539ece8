/// Reads an environment marker, as `python_version < "3.12" and sys_platform == "linux"`, into its one form.
struct MarkerReader {
    private let bytes: [UInt8]
    /// Where the marker ends.
    private(set) var place: Int
    private var depth = 0

    private static let deepest = 16
    private static let variables: Set<String> = [
        "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
        "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
        "implementation_version", "extra",
    ]

    init(_ bytes: [UInt8], at place: Int) {
        self.bytes = bytes
        self.place = place
    }

    mutating func read() throws(Requirement.Fault) -> String {
        var text = try comparison()
        while let word = word(among: ["and", "or"]) { text += " \(word) " + (try comparison()) }
        return text
    }

    private mutating func comparison() throws(Requirement.Fault) -> String {
        skipSpace()
        if next == 0x28 {
            place += 1
            depth += 1
            if depth > Self.deepest { throw fault("a marker has at most \(Self.deepest) parentheses in one another") }
            let inside = try read()
            skipSpace()
            guard next == 0x29 else { throw fault("')' is missing in the marker") }
            place += 1
            depth -= 1
            return "(\(inside))"
        }
        let left = try operand()
        skipSpace()
        var comparison = take { [0x3C, 0x3D, 0x3E, 0x21, 0x7E].contains($0) }
        if comparison.isEmpty, let word = word(among: ["in", "not"]) {
            comparison = word
            if word == "not" {
                guard self.word(among: ["in"]) != nil else { throw fault("'in' is missing after 'not' in the marker") }
                comparison = "not in"
            }
        } else if VersionSpecifier.Operator(rawValue: comparison) == nil {
            throw fault("a marker compares, as python_version < \"3.12\"")
        }
        return "\(left) \(comparison) \(try operand())"
    }

    private mutating func operand() throws(Requirement.Fault) -> String {
        skipSpace()
        if let quote = next, quote == 0x22 || quote == 0x27 {
            place += 1
            let text = take { $0 != quote }
            guard next == quote else { throw fault("a text in the marker does not end") }
            place += 1
            // pip takes words that begin with '-' for options, wherever they are.
            let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && ![0x22, 0x27, 0x5C, 0x24, 0x23].contains($0) }
            if !isPlain || text.contains(" -") || text.hasPrefix("-") {
                throw fault("\(quoted(text)) cannot be in a marker")
            }
            return "\"\(text)\""
        }
        let name = take { (0x61...0x7A).contains($0) || $0 == 0x5F }
        guard Self.variables.contains(name) else {
            throw fault(
                "a marker compares texts in quotes and \(Self.variables.sorted().joined(separator: ", ")); \(quoted(name)) is neither"
            )
        }
        return name
    }

    /// One of some words, and not the beginning of a longer one.
    private mutating func word(among words: [String]) -> String? {
        skipSpace()
        let start = place
        let found = take { (0x61...0x7A).contains($0) || $0 == 0x5F }
        if words.contains(found) { return found }
        place = start
        return nil
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() { while next == 0x20 || next == 0x09 { place += 1 } }

    private mutating func take(while isWanted: (UInt8) -> Bool) -> String {
        let start = place
        while let byte = next, isWanted(byte) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private func fault(_ message: String) -> Requirement.Fault { Requirement.Fault(message: message) }
}
