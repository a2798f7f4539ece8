import Testing

@Suite("Habits of the sources")
struct HabitTests {
    @Test("No file is longer than 500 lines")
    func length() {
        for file in Sources.files + Sources.swiftFiles(below: "Tests") {
            #expect(file.lines.count <= 501, "\(file) has \(file.lines.count - 1) lines")
        }
    }

    @Test("Nothing in the sources can bring a process down, or promises work that is not done")
    func words() {
        let inCode = [
            (/\btry!/, "try!"), (/\bas!/, "as!"), (/\bfatalError\(/, "fatalError"),
            (/\.localizedDescription\b/, "localizedDescription"),
        ]
        for file in Sources.files {
            for line in file.code {
                for (pattern, word) in inCode where line.text.contains(pattern) {
                    Issue.record("\(file):\(line.number): \(word)")
                }
            }
            for (index, line) in file.lines.enumerated() where line.contains(/\b(TODO|FIXME|XXX)\b/) {
                Issue.record("\(file):\(index + 1): \(line)")
            }
        }
    }

    @Test("No descriptor is used after the value that owns it: a temporary one is closed before its number arrives")
    func temporaries() {
        let pattern = /(OwnedDescriptor|open|openUnnamed|duplicate|makeLog|make)\([^{}]*\)\.rawValue/
        for file in Sources.files {
            for line in file.code where line.text.contains(pattern) {
                Issue.record("\(file):\(line.number): \(line.text)")
            }
        }
    }
}
