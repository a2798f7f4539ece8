internal import Linux
internal import Runs

/// How a script is run where its manifest does not say.
struct RuntimeChoice {
    /// Endings and the names of the runtimes they stand for; the settings' win over the built-in ones.
    private let byEnding: [(ending: String, runtime: String)]

    init(_ added: [String: Settings.RuntimeSettings]) {
        let own = added.sorted { $0.key < $1.key }.flatMap { name, runtime in runtime.endings.map { ($0, name) } }
        let builtIn = BuiltInRuntime.allCases.flatMap { runtime in runtime.endings.map { ($0, runtime.rawValue) } }
        byEnding = own + builtIn
    }

    /// The runtime of an ending; the ending alone is a name.
    func runtime(byEndingOf name: EntryName) -> String? {
        let fitting = byEnding.filter { name.hasSuffix($0.ending) && name.bytes.count > $0.ending.utf8.count }
        // The longest, and of equals the first.
        return fitting.reduce(nil) { (best: (ending: String, runtime: String)?, next) in
            guard let best, best.ending.utf8.count >= next.ending.utf8.count else { return next }
            return best
        }?.runtime
    }

    /// By ending, else by `#!`; nil if neither says it.
    ///
    /// A `#!` that names a runtime's own program, and nothing but it, stands for that runtime; any other is left to the kernel.
    func runtime(of name: EntryName, _ head: ScriptHead) -> String? {
        let named = Self.runtime(byInterpreter: head.interpreter)
        if let ending = runtime(byEndingOf: name) {
            // People write `.sh` for scripts of bash and say so in the first line.
            return ending == "sh" && named == "bash" ? "bash" : ending
        }
        if let named { return named }
        return head.interpreter != nil ? BuiltInRuntime.executable.rawValue : nil
    }

    private static func runtime(byInterpreter words: [String]?) -> String? {
        guard let words, let program = words.first else { return nil }
        let parts = program.utf8.split(separator: 0x2F).map { String($0) ?? "" }
        guard let last = parts.last,
            ["/bin", "/usr/bin", "/usr/local/bin"].contains("/" + parts.dropLast().joined(separator: "/"))
        else { return nil }
        let name: String
        switch words.count {
        case 1: name = last
        case 2 where last == "env": name = words[1]
        default: return nil
        }
        return BuiltInRuntime.allCases.first { $0.interpreters.contains(name) }?.rawValue
    }
}
