internal import Runs

/// What a manifest says of other people's packages that its script needs.
struct Needs {
    var python: ManifestDraft.Placed<String>?
    /// nil: the manifest says nothing, and a requirements.txt counts.
    var requirements: ManifestDraft.Placed<[String]>?
    var wheels: ManifestDraft.Placed<String>?
    var packages: ManifestDraft.Placed<[String]>?

    func apply(to manifest: inout Manifest) {
        manifest.python = python?.value
        manifest.requirements = requirements?.value ?? []
        manifest.wheels = wheels?.value
        manifest.packages = packages?.value ?? []
    }

    /// Reports what the runtime has no use for, and what the queue forbids.
    func check(runtime: String, queue: QueueName, _ settings: QueueSettings, _ findings: Findings) {
        let ofPython = [
            ("python", python?.position), ("requirements", requirements?.position), ("wheels", wheels?.position),
        ]
        for (key, position) in ofPython where runtime != BuiltInRuntime.python.rawValue {
            guard let position else { continue }
            findings.add(.badValue, "'\(key)' works with python alone; this is \(quoted(runtime))", at: position)
        }
        if let packages, runtime != BuiltInRuntime.r.rawValue {
            findings.add(
                .badValue, "'packages' works with r alone; this is \(quoted(runtime))", at: packages.position)
        }
        if !settings.environments, let requirements, !requirements.value.isEmpty {
            findings.add(.notAllowed, Self.forbidden(queue), at: requirements.position)
        }
    }

    static func forbidden(_ queue: QueueName) -> String {
        "queue '\(queue)' allows no requirements; put the code that is needed into the bundle"
    }
}

extension ManifestReader {
    private static let mostPackages = 1000

    func needs(_ fields: Fields) -> Needs {
        func placed<Value>(_ key: String, _ read: (Node) -> Value?) -> ManifestDraft.Placed<Value>? {
            fields.read(key) { node in read(node).map { .init(value: $0, position: node.position) } }
        }
        var needs = Needs()
        needs.python = placed("python", python)
        needs.requirements = placed("requirements", requirements)
        needs.wheels = placed("wheels") { findings.path($0, "wheels") }
        needs.packages = placed("packages", packages)
        return needs
    }

    /// A version specifier; a number must be in quotes, and one version is said with `==`.
    private func python(_ node: Node) -> String? {
        guard let text = findings.verbatim(node, "python") else { return nil }
        if let specifier = VersionSpecifier(text) { return specifier.description }
        let hint = PythonVersion(text).map { "; say '==\($0).*' or '>=\($0)'" } ?? ""
        findings.add(
            .badValue, "'python' must be versions as \">=3.11\" or \">=3.11,<3.14\"; this is \(quoted(text))\(hint)",
            at: node.position)
        return nil
    }

    private func requirements(_ node: Node) -> [String]? {
        guard let elements = findings.list(node, "requirements") else { return nil }
        let lines = elements.compactMap { element in
            findings.text(element, "requirements").map {
                Findings.RequirementLine(text: $0, position: element.position)
            }
        }
        return findings.requirements(lines)
    }

    /// Names of R packages: letters, digits and dots.
    private func packages(_ node: Node) -> [String]? {
        guard let elements = findings.list(node, "packages") else { return nil }
        if elements.count > Self.mostPackages {
            findings.add(.tooLarge, "there are more than \(Self.mostPackages) packages", at: node.position)
        }
        let names: [String] = elements.prefix(Self.mostPackages).compactMap { element in
            guard let name = findings.text(element, "packages") else { return nil }
            if Self.isPackage(name) { return name }
            findings.add(.badName, "\(quoted(name)) is no name of an R package", at: element.position)
            return nil
        }
        return Set(names).sorted()
    }

    static func isPackage(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first | 0x20), name.utf8.count <= 128 else {
            return false
        }
        return name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2E
        }
    }
}
