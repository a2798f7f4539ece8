internal import Crypto
internal import Glibc
public import Linux
public import Runs
public import SystemPackage

/// What an environment is made of, and so its name: 32 hexadecimal digits of a SHA-256.
///
/// The same requirements under the same interpreter and settings are one environment, whoever asks for it; what an index offered
/// on the day it was built is not in the name.
public enum EnvironmentKey {
    /// - Parameters:
    ///   - interpreter: its path and version.
    ///   - wheels: what `wheelDigest` says of the bundle's own.
    public static func of(
        _ requirements: [String], interpreter: (path: String, version: String), wheels: String?,
        _ settings: Settings.Environments
    ) -> String {
        var object = JSONWriter()
        object.add("form", Int64(1))
        object.add("path", interpreter.path)
        object.add("version", interpreter.version)
        func add(_ key: String, _ texts: [String]) {
            object.addArray(key) { for text in texts { $0.addElement(text) } }
        }
        add("requirements", requirements)
        if let wheels { object.add("wheels", wheels) }
        switch settings.index {
        case .usual: break
        case .none: object.add("index", "none")
        case .url(let url): object.add("index", url)
        }
        add("extra_indexes", settings.extraIndexes)
        add("find_links", settings.findLinks)
        object.add("offline", settings.offline)
        object.add("build_from_source", settings.buildFromSource)
        let text = object.finished()
        return SHA256.hash(data: Array(text.utf8)).prefix(16).map { byte in
            let digits = Array("0123456789abcdef")
            return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }

    /// Bytes of the wheels of a bundle at most.
    public static let mostWheelBytes: Int64 = 1 << 30
    private static let mostWheels = 1000

    /// The files of a directory of wheels that are taken, by name.
    ///
    /// - Parameter sources: whether what has to be built is taken as well.
    public static func wheels(in directory: Directory, sources: Bool) throws(Errno) -> [EntryName] {
        let endings = [".whl"] + (sources ? [".tar.gz", ".zip"] : [])
        return try directory.entries().map(\.name).filter { name in
            guard endings.contains(where: name.hasSuffix),
                name.string?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) == true,
                let status = try? directory.status(of: name)
            else { return false }
            return status.kind == .regular
        }.sorted().prefix(mostWheels).map { $0 }
    }

    /// What tells one set of wheels from another: their names and contents.
    public static func wheelDigest(of directory: Directory, sources: Bool) throws(Errno) -> String {
        var text = ""
        for name in try wheels(in: directory, sources: sources) {
            let file = try directory.open(name, O_RDONLY)
            text += "\(try ContentHash.ofFile(file.rawValue)) \(name)\n"
        }
        return SHA256.hash(data: Array(text.utf8)).map { String($0, radix: 16) }.joined(separator: ".")
    }
}
