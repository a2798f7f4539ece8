/// One line of requirements: a package of an index, by name, as PEP 508 has it, with hashes as pip has them.
///
/// Nothing else is: no URL, no path, no option. What it is written as again says the same to pip and to uv, and they can read
/// nothing more out of it.
public struct Requirement: Hashable, Sendable {
    /// As PEP 503 has it: small letters, `-` for every run of `-_.`.
    public let name: String
    /// In order, each as `name`.
    public let extras: [String]
    /// `>=1.0`, in order.
    public let versions: [String]
    /// Empty if it holds everywhere.
    public let marker: String
    /// `sha256:…`, in order.
    public let hashes: [String]

    /// The line in its one form: two lines that mean the same are the same text.
    public var text: String {
        var text = name
        if !extras.isEmpty { text += "[" + extras.joined(separator: ",") + "]" }
        text += versions.joined(separator: ",")
        if !marker.isEmpty { text += " ; " + marker }
        for hash in hashes { text += " --hash=" + hash }
        return text
    }

    /// A name as indexes compare it.
    public static func normalized(_ name: some StringProtocol) -> String {
        var result: [UInt8] = []
        var isSeparated = false
        for byte in name.lowercased().utf8 {
            if byte == 0x2D || byte == 0x5F || byte == 0x2E {
                isSeparated = true
                continue
            }
            if isSeparated, !result.isEmpty { result.append(0x2D) }
            isSeparated = false
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Why a line is none: a sentence with the way out.
    struct Fault: Error {
        let message: String
    }

    /// Reads one line, without a comment.
    init(_ line: String) throws(Fault) {
        var reader = RequirementReader(line)
        self = try reader.read()
    }

    init(name: String, extras: [String], versions: [String], marker: String, hashes: [String]) {
        self.name = name
        self.extras = extras
        self.versions = versions
        self.marker = marker
        self.hashes = hashes
    }
}
