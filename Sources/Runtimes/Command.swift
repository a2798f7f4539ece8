internal import Bundles
internal import Glibc
public import Runs

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

        public init(run: RunID, name: BundleName, queue: QueueName, attempt: Int) {
            self.run = run
            self.name = name
            self.queue = queue
            self.attempt = attempt
        }
    }

    /// Where a script finds its bundle.
    public static let workspace = "/bundle"
    /// Where a script finds input that is no file of its bundle.
    public static let inputFile = "/run/input"

    public init(
        for manifest: Manifest, _ context: Context, settings: Settings
    ) throws(RuntimeError) {
        guard let runtime = Runtime.named(manifest.runtime, settings) else { throw .unknown(runtime: manifest.runtime) }
        let script = "\(Self.workspace)/\(manifest.entry)"
        if let wanted = runtime.command.first {
            guard let found = runtime.program else {
                throw .notInstalled(runtime: runtime.name, program: wanted, package: runtime.package)
            }
            program = found
            // A script whose name begins with '-' must not be taken for an option.
            let entry = manifest.entry.hasPrefix("-") ? "./\(manifest.entry)" : manifest.entry
            arguments = [wanted] + runtime.command.dropFirst() + [entry] + manifest.args
        } else {
            program = script
            arguments = [script] + manifest.args
        }
        environment = Self.environment(manifest, context)
    }

    private static func environment(_ manifest: Manifest, _ context: Context) -> [String] {
        var variables = [
            Label(key: "PATH", value: "/usr/local/bin:/usr/bin:/bin"), Label(key: "HOME", value: "/tmp"),
            Label(key: "TMPDIR", value: "/tmp"), Label(key: "LANG", value: "C.UTF-8"),
        ]
        if let zone = getenv("TZ") { variables.append(Label(key: "TZ", value: String(cString: zone))) }
        variables.removeAll { variable in manifest.env.contains { $0.key == variable.key } }
        variables += manifest.env
        variables += [
            Label(key: "BOBBIN_RUN", value: context.run.description),
            Label(key: "BOBBIN_NAME", value: context.name.description),
            Label(key: "BOBBIN_QUEUE", value: context.queue.description),
            Label(key: "BOBBIN_ATTEMPT", value: String(context.attempt)),
        ]
        switch manifest.input {
        case .file(let path): variables.append(Label(key: "BOBBIN_INPUT", value: "\(workspace)/\(path)"))
        case .json: variables.append(Label(key: "BOBBIN_INPUT", value: inputFile))
        case nil: break
        }
        return variables.map { "\($0.key)=\($0.value)" }
    }
}
