internal import Linux
internal import Runs
internal import SystemPackage

/// `renv.lock` in a bundle's root: which R packages it wants. Their versions are what the machine has.
enum LockFile {
    static let name: EntryName = "renv.lock"
    private static let bounds = Document.Bounds(size: 256 << 10)

    /// Names of packages, and all that is wrong; nil if there is no such file.
    static func read(_ root: Directory) throws(Errno) -> (packages: [String], errors: [BundleError])? {
        let findings = Findings(file: name.description)
        guard let bytes = try BundleFile.read(name, in: root, findings) else {
            return findings.isEmpty ? nil : ([], findings.errors)
        }
        let tree = Document.read(bytes, .json, bounds, findings)
        guard findings.isEmpty, let tree else { return ([], findings.errors) }
        guard let packages = tree["Packages"] else {
            findings.add(.badValue, "'Packages' is missing", at: tree.position)
            return ([], findings.errors)
        }
        let names: [String] = packages.pairs(of: "Packages", findings).compactMap { pair in
            if ManifestReader.isPackage(pair.key) { return pair.key }
            findings.add(.badName, "\(quoted(pair.key)) is no name of an R package", at: pair.keyPosition)
            return nil
        }
        // It installs the others, where it may.
        return (Set(names).subtracting(["renv"]).sorted(), findings.errors)
    }
}
