internal import Glibc
internal import Linux
public import Runs
internal import SystemPackage

/// R's packages as the machine has them: nothing is downloaded for a run.
public enum RPackages {
    /// Where Debian's R looks, and an operator's own are installed to.
    private static let libraries = [
        "/usr/local/lib/R/site-library", "/usr/lib/R/site-library", "/usr/lib/R/library",
    ]

    /// Names with their versions, or which of them are not there.
    public static func find(_ names: [String]) throws(RuntimeError) -> [Label] {
        var found: [Label] = []
        var missing: [String] = []
        let directories = libraries.compactMap { try? Directory(path: $0) }
        for name in names {
            if let version = directories.lazy.compactMap({ version(of: name, in: $0) }).first {
                found.append(Label(key: name, value: version))
            } else {
                missing.append(name)
            }
        }
        if !missing.isEmpty { throw .noPackages(missing) }
        return found
    }

    /// From its DESCRIPTION.
    private static func version(of name: String, in library: Directory) -> String? {
        guard let file = try? library.open(beneath: Array("\(name)/DESCRIPTION".utf8), O_RDONLY),
            let bytes = try? readAll(file.rawValue, limit: 1 << 20)
        else { return nil }
        for line in bytes.split(separator: 0x0A) where line.starts(with: "Version:".utf8) {
            return String(decoding: line.dropFirst(8), as: UTF8.self).split(separator: " ").first.map(String.init)
        }
        return nil
    }
}
