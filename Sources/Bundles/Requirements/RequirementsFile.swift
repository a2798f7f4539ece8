internal import Linux
internal import Runs
internal import SystemPackage

/// `requirements.txt` in a bundle's root.
enum RequirementsFile {
    static let name: EntryName = "requirements.txt"

    /// The requirements in it, and all that is wrong; nil if there is no such file.
    static func read(_ root: Directory) throws(Errno) -> (requirements: [String], errors: [BundleError])? {
        let findings = Findings(file: name.description)
        guard let bytes = try BundleFile.read(name, in: root, findings) else {
            return findings.isEmpty ? nil : ([], findings.errors)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            findings.add(.notUTF8, "is not UTF-8", at: Position(line: 1, column: 1))
            return ([], findings.errors)
        }
        return (findings.requirements(lines(of: text)), findings.errors)
    }

    /// What pip takes for one line each: without comments and blank ones, and with what `\` continues.
    static func lines(of text: String) -> [Findings.RequirementLine] {
        var lines: [Findings.RequirementLine] = []
        var begun: (text: String, line: Int)?
        let text = text.unicodeScalars.first?.value == 0xFEFF ? String(text.unicodeScalars.dropFirst()) : text
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var line = String(raw)
            let isContinued = line.hasSuffix("\\")
            if isContinued { line.removeLast() }
            let (before, start) = begun ?? ("", index + 1)
            // A comment line ends what it continues, as pip has it.
            let more = isComment(line) ? "" : (before.isEmpty ? "" : " ") + withoutComment(line)
            begun = (before + more, start)
            if isContinued, !isComment(line) { continue }
            add(&begun, to: &lines)
        }
        add(&begun, to: &lines)
        return lines
    }

    private static func add(_ begun: inout (text: String, line: Int)?, to lines: inout [Findings.RequirementLine]) {
        guard let (text, line) = begun else { return }
        begun = nil
        let trimmed = text.trimmed
        if trimmed.isEmpty { return }
        lines.append(.init(text: trimmed, position: Position(line: line, column: 1)))
    }

    private static func isComment(_ line: String) -> Bool { line.trimmed.hasPrefix("#") }

    /// A `#` begins a comment at the start, or after a blank.
    private static func withoutComment(_ line: String) -> String {
        var last: Character = " "
        for index in line.indices {
            if line[index] == "#", last == " " || last == "\t" { return String(line[..<index]) }
            last = line[index]
        }
        return line
    }
}
