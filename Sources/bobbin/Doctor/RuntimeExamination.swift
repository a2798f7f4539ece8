import Bundles
import Glibc
import Linux
import Runs

/// Which interpreters scripts find on this machine.
enum RuntimeExamination {
    private struct Interpreter {
        let runtime: String
        let program: String
        /// What makes it say its version; nil if it does not.
        let question: [String]?
        let package: String
    }

    private static let builtIn = [
        Interpreter(runtime: "python", program: "python3", question: ["--version"], package: "python3"),
        Interpreter(runtime: "r", program: "Rscript", question: ["--version"], package: "r-base-core"),
        Interpreter(runtime: "node", program: "node", question: ["--version"], package: "nodejs"),
        Interpreter(runtime: "sh", program: "sh", question: nil, package: "dash"),
        Interpreter(runtime: "bash", program: "bash", question: ["--version"], package: "bash"),
        Interpreter(runtime: "perl", program: "perl", question: ["-e", "print $^V"], package: "perl"),
        Interpreter(runtime: "ruby", program: "ruby", question: ["--version"], package: "ruby"),
    ]

    /// Where scripts look: PATH in a sandbox.
    private static let places = ["/usr/local/bin", "/usr/bin", "/bin"]

    static func findings(_ settings: Settings) -> [Finding] {
        builtIn.map(finding)
            + settings.runtimes.sorted { $0.key < $1.key }.map { name, runtime in
                added(name, runtime.command.first ?? "")
            }
    }

    private static func finding(_ interpreter: Interpreter) -> Finding {
        let subject = "runtime \(interpreter.runtime)"
        guard let path = find(interpreter.program) else {
            return Finding(
                subject: subject, verdict: .degraded, detail: "no \(interpreter.program)",
                meaning: "Bundles that need it end 'errored'.", remedy: "apt install \(interpreter.package)")
        }
        guard let question = interpreter.question else { return .ok(subject, path) }
        let version = ChildProcess.output(path, question) ?? "does not say its version"
        return .ok(subject, "\(path), \(version)")
    }

    private static func added(_ name: String, _ program: String) -> Finding {
        if let path = find(program) { return .ok("runtime \(name)", path) }
        return Finding(
            subject: "runtime \(name)", verdict: .degraded, detail: "no \(escaped(program.utf8))",
            meaning: "Bundles that need it end 'errored'.",
            remedy: "install it, or correct runtimes.\(name) in bobbin.yaml")
    }

    private static func find(_ program: String) -> String? {
        let candidates = program.hasPrefix("/") ? [program] : places.map { "\($0)/\(program)" }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
