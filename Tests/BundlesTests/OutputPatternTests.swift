import Bundles
import Testing

@Suite struct OutputPatternTests {
    @Test(arguments: [
        ("a.csv", "a.csv", true), ("a.csv", "b/a.csv", false), ("*.csv", "a.csv", true), ("*.csv", "a/b.csv", false),
        ("*.csv", ".csv", true), ("**", "a/b/c", true), ("**", "", true), ("*", "a/b", false), ("a/*", "a/b", true),
        ("a/*", "a/b/c", false),
        ("a/**", "a/b/c", true), ("a/**", "a", false), ("**/b", "b", true), ("**/b", "a/b", true),
        ("**/b", "x/a/b", true), ("**/b", "ab", false),
        ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true), ("a/**/b", "axb", false), ("a**b", "a/x/b", true),
        ("a**b", "ab", true),
        ("?", "a", true), ("?", "/", false), ("?", "", false), ("a?c", "abc", true), ("a?c", "a/c", false),
        ("*a*b*", "xaxbx", true),
        ("*a*b*", "xbxax", false), ("**/*.csv", "a.csv", true), ("**/*.csv", "x/y/a.csv", true), ("**/**/a", "a", true),
        ("***", "a/b", true),
        ("*/*", "a/b", true), ("*/*", "a", false), ("[a]", "a", false), ("[a]", "[a]", true), ("\\*", "\\x", true),
        ("??", "é", true),
    ])
    func matching(_ pattern: String, _ path: String, _ isMatch: Bool) {
        #expect(OutputPattern(pattern).matches(path.utf8) == isMatch)
    }

    /// The same by the plain definition, for every short pattern and path of a small alphabet.
    @Test func agreesWithTheDefinition() {
        func matches(_ pattern: ArraySlice<Character>, _ path: ArraySlice<Character>, _ atStart: Bool) -> Bool {
            guard let first = pattern.first else { return path.isEmpty }
            let stars = pattern.prefix { $0 == "*" }.count
            if stars >= 2 {
                let rest = pattern.dropFirst(stars)
                if atStart, rest.first == "/", matches(rest.dropFirst(), path, true) { return true }
                return (0...path.count).contains { matches(rest, path.dropFirst($0), false) }
            }
            if stars == 1 {
                let reach = path.prefix { $0 != "/" }.count
                return (0...reach).contains { matches(pattern.dropFirst(), path.dropFirst($0), false) }
            }
            guard let letter = path.first, first == "?" ? letter != "/" : letter == first else { return false }
            return matches(pattern.dropFirst(), path.dropFirst(), first == "/")
        }
        func words(_ alphabet: String, _ length: Int) -> [String] {
            var all = [""]
            var last = [""]
            for _ in 0..<length {
                last = last.flatMap { word in alphabet.map { word + String($0) } }
                all += last
            }
            return all
        }
        var wrong: [String] = []
        let paths = words("a/", 5)
        for pattern in words("a/*?", 5) {
            let machine = OutputPattern(pattern)
            for path in paths where machine.matches(path.utf8) != matches(Array(pattern)[...], Array(path)[...], true) {
                wrong.append("\(pattern) \(path)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(20))")
    }

    @Test(.timeLimit(.minutes(10))) func hostilePattern() {
        let pattern = OutputPattern(String(repeating: "*a", count: 2000) + "b")
        let path = [UInt8](repeating: 0x61, count: 4000)
        let time = ContinuousClock().measure { for _ in 0..<20 { #expect(!pattern.matches(path)) } }
        #expect(time < .seconds(10), "\(time)")
    }
}
