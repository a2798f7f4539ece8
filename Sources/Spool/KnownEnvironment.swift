public import Linux
public import Runs
public import SystemPackage

/// An environment that was built, as its own record and `control/environments.json` tell of it.
public struct KnownEnvironment: Sendable, Hashable {
    /// Its directory's name in `state/environments`.
    public var key: String
    /// The version of its interpreter.
    public var python: String
    /// What was asked for.
    public var requirements: [String]
    /// What was installed: name → version, by name.
    public var packages: [Label]
    /// On disk.
    public var bytes: Int64
    /// `uv` or `pip`.
    public var builder: String
    public var builtAt: Timestamp
    /// To the minute, or so.
    public var usedAt: Timestamp

    public init(
        key: String, python: String, requirements: [String], packages: [Label], bytes: Int64, builder: String,
        builtAt: Timestamp, usedAt: Timestamp
    ) {
        self.key = key
        self.python = python
        self.requirements = requirements
        self.packages = packages
        self.bytes = bytes
        self.builder = builder
        self.builtAt = builtAt
        self.usedAt = usedAt
    }

    /// What status.json says of a run that has it.
    public var status: RunEnvironment { RunEnvironment(key: key, python: python, packages: packages) }

    // MARK: As a file

    public static let record: EntryName = "environment.json"
    private static let largest = 1 << 20

    public func json(pretty: Bool = false) -> String {
        var object = JSONWriter(pretty: pretty)
        object.add("key", key)
        object.add("python", python)
        object.addArray("requirements") { for requirement in requirements { $0.addElement(requirement) } }
        object.addObject("packages") { for package in packages { $0.add(package.key, package.value) } }
        object.add("bytes", bytes)
        object.add("builder", builder)
        object.add("built_at", builtAt.description)
        object.add("used_at", usedAt.description)
        return object.finished()
    }

    public init?(_ value: JSONValue) {
        guard case .object(let object) = value, let key = try? object.required("key"),
            let python = try? object.required("python"), let packages = try? object.labels("packages"),
            let bytes: Int64 = try? object.integer("bytes"), let builder = try? object.required("builder"),
            let builtAt = (try? object.required("built_at")).flatMap({ Timestamp($0) }),
            let usedAt = (try? object.required("used_at")).flatMap({ Timestamp($0) })
        else { return nil }
        var requirements: [String] = []
        if case .array(let elements)? = object["requirements"] {
            for case .text(let text) in elements { requirements.append(text) }
        }
        self.init(
            key: key, python: python, requirements: requirements, packages: packages, bytes: bytes, builder: builder,
            builtAt: builtAt, usedAt: usedAt)
    }

    /// The record in an environment's directory; nil if there is none that can be read.
    public static func reading(_ directory: Directory) -> KnownEnvironment? {
        guard let bytes = try? directory.read(record, limit: largest) else { return nil }
        return JSONValue(reading: bytes).flatMap { KnownEnvironment($0) }
    }

    /// `control/environments.json`, for those who may not look into `state/`: the spool's admins.
    public static func write(_ all: [KnownEnvironment], in control: Directory) throws(Errno) {
        let text = "[" + all.map { "\n" + $0.json() }.joined(separator: ",") + "\n]\n"
        try control.replace(SpoolLayout.knownEnvironments, with: Array(text.utf8), mode: 0o640)
    }

    /// Reads it; nil if no daemon has written it yet.
    public static func readingAll(_ control: Directory) throws(Errno) -> [KnownEnvironment]? {
        do {
            let bytes = try control.read(SpoolLayout.knownEnvironments, limit: 64 << 20)
            guard case .array(let elements)? = JSONValue(reading: bytes) else { return nil }
            return elements.compactMap { KnownEnvironment($0) }
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }
}
