internal import Bundles
internal import Linux
internal import Runs
internal import SystemPackage

/// What is installed in an environment: what its `NAME-VERSION.dist-info` directories say, which nothing has to be executed for.
enum InstalledPackages {
    private static let most = 2000

    /// Name → version, by name.
    static func list(in environment: Directory) throws(Errno) -> [Label] {
        let library = try environment.tree("lib")
        var found: [String: String] = [:]
        for version in try library.entries() where version.name.hasPrefix("python3.") && version.kind == .directory {
            let packages = try library.tree(version.name).tree("site-packages")
            for entry in try packages.entries() {
                guard found.count < most, let name = entry.name.string, name.hasSuffix(".dist-info") else { continue }
                // A version has no `-` in it, and neither has a name here.
                let parts = name.dropLast(10).split(separator: "-", maxSplits: 1)
                guard parts.count == 2, isPlain(parts[0]), isPlain(parts[1]) else { continue }
                found[Requirement.normalized(parts[0])] = String(parts[1])
            }
        }
        return found.sorted { $0.key < $1.key }.map { Label(key: $0.key, value: $0.value) }
    }

    private static func isPlain(_ text: Substring) -> Bool {
        text.utf8.count <= 128 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
