internal import Linux
public import Runs

/// What travels beside a bundle that `bobbin submit` drops, in `.RUN.submit.json`: `{"name": …, "input": …}`, both optional.
public struct SubmitOptions: Sendable, Hashable {
    /// What people see instead of the entry's name, as the default of `title`.
    public var name: BundleName?
    /// JSON text that stands for the manifest's `input`: numbers keep their digits, objects their order.
    public var input: String?

    public init(name: BundleName? = nil, input: String? = nil) {
        self.name = name
        self.input = input
    }

    /// Reads the file's content; anything else in it than these keys is an error.
    public static func reading(_ bytes: [UInt8]) -> Result<SubmitOptions, InvalidFile> {
        let findings = Findings(file: "submit.json")
        var bounds = BundleJudge.inputBounds
        bounds.size += 4096
        var options = SubmitOptions()
        guard let root = Document.read(bytes, .json, bounds, findings), findings.isEmpty else {
            return .failure(InvalidFile(errors: findings.errors))
        }
        guard case .mapping(let pairs) = root.content else {
            findings.add(.wrongType, "must be an object", at: root.position)
            return .failure(InvalidFile(errors: findings.errors))
        }
        for pair in pairs {
            switch (pair.key, pair.value.content) {
            case ("name", .scalar(let scalar)):
                options.name = BundleName(scalar.text)
                if options.name == nil {
                    findings.add(
                        .badName, "'\(escaped(scalar.text.utf8))' is no bundle's name", at: pair.value.position)
                }
            case ("input", _): options.input = pair.value.json(reportingTo: findings)
            default: findings.add(.unknownKey, "unknown key '\(escaped(pair.key.utf8))'", at: pair.keyPosition)
            }
        }
        return findings.isEmpty ? .success(options) : .failure(InvalidFile(errors: findings.errors))
    }

    public func json() -> String {
        var object = JSONWriter()
        if let name { object.add("name", name.description) }
        if let input { object.add("input", json: input) }
        return object.finished()
    }
}
