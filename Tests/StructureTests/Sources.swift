import Foundation

/// The package's own sources, found beside this file.
enum Sources {
    struct File: Sendable, CustomStringConvertible {
        /// The directory below `Sources` that it lies in.
        let module: String
        /// Relative to the package.
        let path: String
        let lines: [Substring]

        var description: String { path }

        /// The modules that it imports.
        var imports: Set<String> {
            Set(
                lines.compactMap { line in
                    var words = line.split(separator: " ")
                    let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
                    while let first = words.first, modifiers.contains(first) || first.hasPrefix("@") {
                        words.removeFirst()
                    }
                    guard words.count >= 2, words[0] == "import" else { return nil }
                    // `import struct A.B` imports A.
                    let kinds: Set<Substring> = [
                        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
                    ]
                    let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
                    return name.split(separator: ".").first.map(String.init)
                })
        }

        /// Its lines without comments and without what stands between quotation marks on one line.
        var code: [(number: Int, text: String)] {
            lines.enumerated().map { index, line in
                var text = ""
                var isQuoted = false
                var previous: Character = " "
                for character in line {
                    if character == "\"", previous != "\\" { isQuoted.toggle() }
                    if !isQuoted, character == "/", previous == "/" {
                        text.removeLast()
                        break
                    }
                    if !isQuoted { text.append(character) }
                    previous = character
                }
                return (index + 1, text)
            }
        }
    }

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below `Sources`.
    static let files: [File] = swiftFiles(below: "Sources")

    /// Every Swift file below a directory of the package.
    static func swiftFiles(below directory: String) -> [File] {
        let base = root.appending(path: directory)
        let names = FileManager.default.enumerator(atPath: base.path)?.allObjects as? [String] ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            guard let text = try? String(contentsOf: base.appending(path: name), encoding: .utf8) else { return nil }
            return File(
                module: String(name.prefix { $0 != "/" }), path: "\(directory)/\(name)",
                lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }
}
