internal import Linux
public import Runs

/// What a command asks of the daemon by a file in `control/requests/`; who asks is the file's owner.
public enum ControlRequest: Hashable, Sendable {
    /// Sweeps now, one queue or everything; dry: only tells what would go.
    case sweep(queue: QueueName?, isDry: Bool)
    /// Runs an archived bundle again.
    case retry(Retry)
    /// Hands an archived bundle out.
    case bundle(of: RunID)
    /// Looks the history through, and brings back into it what only the directories know.
    case rebuild
    /// Sets what the next run of a key is told, JSON text, or with nil takes it away.
    case checkpoint(CheckpointKey, String?)
    /// Removes environments that no run uses, by their keys.
    case removeEnvironments([String])

    /// A run that is to be made of an archived one.
    public struct Retry: Hashable, Sendable {
        /// Whose bundle is run again.
        public var parent: RunID
        /// The new run's id, chosen by who asks: asked twice, it runs once.
        public var run: RunID
        /// nil: the queue that the parent was in.
        public var queue: QueueName?
        /// JSON text that stands for the manifest's `input`; nil: what it was.
        public var input: String?
        /// Whether the manifest is read from the bundle, by today's rules; else it is the one that was applied then.
        public var readsManifest: Bool

        public init(parent: RunID, run: RunID) {
            self.parent = parent
            self.run = run
            readsManifest = false
        }
    }

    /// At most so many bytes.
    public static let maximumSize = BundleJudge.inputBounds.size + 4096

    public func json() -> String {
        var object = JSONWriter()
        switch self {
        case .sweep(let queue, let isDry):
            object.add("request", "sweep")
            if let queue { object.add("queue", queue.description) }
            object.add("dry_run", isDry)
        case .retry(let retry):
            object.add("request", "retry")
            object.add("parent", retry.parent.description)
            object.add("run", retry.run.description)
            if let queue = retry.queue { object.add("queue", queue.description) }
            object.add("read_manifest", retry.readsManifest)
            if let input = retry.input { object.add("input", json: input) }
        case .bundle(let run):
            object.add("request", "bundle")
            object.add("run", run.description)
        case .rebuild: object.add("request", "rebuild")
        case .checkpoint(let key, let value):
            object.add("request", "checkpoint")
            object.add("queue", key.queue.description)
            object.add("key", key.key)
            if let value { object.add("value", json: value) }
        case .removeEnvironments(let keys):
            object.add("request", "remove_environments")
            object.addArray("keys") { for key in keys { $0.addElement(key) } }
        }
        return object.finished()
    }

    /// Reads a request's file; anything else in it than its keys is an error.
    public static func reading(_ bytes: [UInt8]) -> Result<ControlRequest, InvalidFile> {
        let findings = Findings(file: "request")
        var bounds = BundleJudge.inputBounds
        bounds.size = maximumSize
        guard let root = Document.read(bytes, .json, bounds, findings), findings.isEmpty else {
            return .failure(InvalidFile(errors: findings.errors))
        }
        let words = ["sweep", "retry", "bundle", "rebuild", "checkpoint", "remove_environments"]
        let word = root["request"]?.text ?? ""
        let keys =
            switch word {
            case "sweep": ["request", "queue", "dry_run"]
            case "retry": ["request", "parent", "run", "queue", "read_manifest", "input"]
            case "bundle": ["request", "run"]
            case "checkpoint": ["request", "queue", "key", "value"]
            case "remove_environments": ["request", "keys"]
            default: ["request"]
            }
        let fields = Fields(root, of: nil, known: keys, findings)
        func run(_ key: String) -> RunID? {
            value(fields, key, "a run's id", findings) { RunID($0) }
        }
        let queue = fields["queue"] == nil ? nil : value(fields, "queue", "a queue's name", findings) { QueueName($0) }
        var request: ControlRequest?
        switch word {
        case "sweep":
            let isDry = fields.read("dry_run") { findings.boolean($0, "dry_run") } ?? false
            request = .sweep(queue: queue, isDry: isDry)
        case "retry":
            if let parent = run("parent"), let own = run("run") {
                var retry = Retry(parent: parent, run: own)
                retry.queue = queue
                retry.readsManifest = fields.read("read_manifest") { findings.boolean($0, "read_manifest") } ?? false
                retry.input = fields["input"]?.json(reportingTo: findings)
                request = .retry(retry)
            }
        case "bundle": request = run("run").map { .bundle(of: $0) }
        case "rebuild": request = .rebuild
        case "checkpoint":
            let queue = value(fields, "queue", "a queue's name", findings) { QueueName($0) }
            let key = value(fields, "key", "a name of at most 256 bytes", findings) { $0.utf8.count <= 256 ? $0 : nil }
            let text = fields["value"]?.json(reportingTo: findings)
            if let text, text.utf8.count >= CheckpointKey.longestValue {
                findings.add(
                    .tooLarge, "a checkpoint has less than \(CheckpointKey.longestValue) bytes", at: root.position)
            }
            if let text, JSONValue(reading: text.utf8)?.isFinite == false {
                findings.add(.badValue, "'value' has a number that no double can hold", at: root.position)
            }
            if let queue, let key { request = .checkpoint(CheckpointKey(queue: queue, key: key), text) }
        case "remove_environments":
            let keys = (fields.read("keys") { findings.list($0, "keys") } ?? []).compactMap { element in
                findings.text(element, "keys").flatMap { text in
                    if isEnvironmentKey(text) { return text }
                    findings.add(.badValue, "\(quoted(text)) is no environment's key", at: element.position)
                    return nil
                }
            }
            if keys.isEmpty { findings.add(.badValue, "'keys' is missing", at: root.position) }
            request = .removeEnvironments(keys)
        default: findings.badWord(word, "request", among: words, at: fields["request"]?.position ?? root.position)
        }
        guard findings.isEmpty, let request else { return .failure(InvalidFile(errors: findings.errors)) }
        return .success(request)
    }

    /// 32 hexadecimal digits.
    public static func isEnvironmentKey(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func value<Value>(
        _ fields: Fields, _ key: String, _ what: String, _ findings: Findings, _ make: (String) -> Value?
    ) -> Value? {
        guard let node = fields[key] else {
            findings.add(.badValue, "'\(key)' is missing", at: Position(line: 1, column: 1))
            return nil
        }
        guard let text = findings.text(node, key) else { return nil }
        if let value = make(text) { return value }
        findings.add(.badValue, "'\(key)' must be \(what); this is \(quoted(text))", at: node.position)
        return nil
    }
}
