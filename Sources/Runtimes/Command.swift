internal import Bundles
internal import Glibc
public import Runs
internal import SandboxProtocol

/// What the sandbox executes: a program with its arguments and environment, as the script's manifest asks.
public struct Command: Sendable, Hashable {
    /// Absolute, as the sandbox sees it.
    public let program: String
    /// With the program's own name first.
    public let arguments: [String]
    /// `NAME=VALUE` each.
    public let environment: [String]

    /// What a run needs besides its manifest.
    public struct Context: Sendable, Hashable {
        public var run: RunID
        public var name: BundleName
        public var queue: QueueName
        public var attempt: Int
        /// What the last run of its key left, as JSON text; nil if there is none.
        public var checkpoint: String?
        /// The interpreter that was chosen for it; nil: the runtime's usual one.
        public var interpreter: Interpreter?

        public init(run: RunID, name: BundleName, queue: QueueName, attempt: Int, checkpoint: String? = nil) {
            self.run = run
            self.name = name
            self.queue = queue
            self.attempt = attempt
            self.checkpoint = checkpoint
        }
    }

    /// What runs the script instead of the runtime's program.
    public enum Interpreter: Sendable, Hashable {
        /// A Python of the machine, by its path.
        case python(String)
        /// That of the run's environment.
        case environment

        fileprivate var path: String {
            switch self {
            case .python(let path): path
            case .environment: "\(ShownEnvironment.directory)/bin/python"
            }
        }
    }

    /// Where a script finds its bundle.
    public static let workspace = "/bundle"
    /// Where a script finds input that is no file of its bundle.
    public static let inputFile = "/run/input"
    /// Where it writes its result to, and what it says while it runs.
    private static let resultFile = "/run/result"
    private static let eventsFile = "/run/events"

    public init(
        for manifest: Manifest, _ context: Context, settings: Settings
    ) throws(RuntimeError) {
        guard let runtime = Runtime.named(manifest.runtime, settings) else { throw .unknown(runtime: manifest.runtime) }
        let script = "\(Self.workspace)/\(manifest.entry)"
        if let wanted = runtime.command.first {
            guard let found = runtime.program else {
                throw .notInstalled(runtime: runtime.name, program: wanted, package: runtime.package)
            }
            program = context.interpreter?.path ?? found
            // A venv is found by the name that its interpreter was called by.
            let name = context.interpreter?.path ?? wanted
            // A script whose name begins with '-' must not be taken for an option.
            let entry = manifest.entry.hasPrefix("-") ? "./\(manifest.entry)" : manifest.entry
            let harness = manifest.needsHarness ? Harness(runtime: manifest.runtime).map { [$0.file] } ?? [] : []
            arguments = [name] + runtime.command.dropFirst() + harness + [entry] + manifest.args
        } else {
            program = script
            arguments = [script] + manifest.args
        }
        environment = Self.environment(manifest, context)
    }

    private static func environment(_ manifest: Manifest, _ context: Context) -> [String] {
        let programs = context.interpreter == .environment ? "\(ShownEnvironment.directory)/bin:" : ""
        var variables = [
            Label(key: "PATH", value: programs + "/usr/local/bin:/usr/bin:/bin"), Label(key: "HOME", value: "/tmp"),
            Label(key: "TMPDIR", value: "/tmp"), Label(key: "LANG", value: "C.UTF-8"),
        ]
        if let zone = getenv("TZ") { variables.append(Label(key: "TZ", value: String(cString: zone))) }
        let helper = Harness(runtime: manifest.runtime)?.variables ?? []
        variables += helper
        variables.removeAll { variable in manifest.env.contains { $0.key == variable.key } }
        for variable in manifest.env {
            // A path of the manifest's comes first, and the helper module stays within reach.
            let own = variable.key == "PYTHONPATH" ? helper.first { $0.key == variable.key } : nil
            variables.append(Label(key: variable.key, value: variable.value + (own.map { ":\($0.value)" } ?? "")))
        }
        variables += [
            Label(key: "BOBBIN_RUN", value: context.run.description),
            Label(key: "BOBBIN_NAME", value: context.name.description),
            Label(key: "BOBBIN_QUEUE", value: context.queue.description),
            Label(key: "BOBBIN_ATTEMPT", value: String(context.attempt)),
            Label(key: "BOBBIN_RESULT", value: resultFile), Label(key: "BOBBIN_EVENTS", value: eventsFile),
        ]
        if let checkpoint = context.checkpoint {
            variables.append(Label(key: "BOBBIN_CHECKPOINT", value: checkpoint))
        }
        if manifest.needsHarness { variables.append(Label(key: "BOBBIN_HARNESS", value: Harness.task(manifest))) }
        switch manifest.input {
        case .file(let path): variables.append(Label(key: "BOBBIN_INPUT", value: "\(workspace)/\(path)"))
        case .json: variables.append(Label(key: "BOBBIN_INPUT", value: inputFile))
        case nil: break
        }
        return variables.map { "\($0.key)=\($0.value)" }
    }
}
