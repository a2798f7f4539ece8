/// What of other people's packages a run had.
public struct RunEnvironment: Hashable, Sendable {
    /// Names the environment in `state/environments`; nil if nothing was installed for the run.
    public var key: String?
    /// The version of the interpreter, or of R.
    public var python: String?
    /// Name → version, by name.
    public var packages: [Label]

    public init(key: String?, python: String?, packages: [Label] = []) {
        self.key = key
        self.python = python
        self.packages = packages
    }

    public var json: String {
        var object = JSONWriter()
        add(to: &object)
        return object.finished()
    }

    func add(to object: inout JSONWriter) {
        if let key { object.add("key", key) }
        if let python { object.add("python", python) }
        if key != nil || !packages.isEmpty {
            object.addObject("packages") { for package in packages { $0.add(package.key, package.value) } }
        }
    }

    init(_ object: JSONObject) throws(JSONObject.Mismatch) {
        key = try object.text("key")
        python = try object.text("python")
        packages = []
        guard case .object(let found)? = object["packages"] else { return }
        for member in found.members {
            guard case .text(let version) = member.value else { continue }
            packages.append(Label(key: member.key, value: version))
        }
    }
}
