/// What pip reads in a file of requirements and Bobbin does not take: why, and what to do instead.
enum RequirementRefusal {
    static let urlAdvice =
        "packages come from the operator's indexes alone: name it by its version there, or put its wheel into the bundle and say"
        + " 'wheels' in the manifest"

    /// nil for a line that may be a requirement.
    static func of(_ line: String) -> String? {
        let text = line.trimmed
        if text.hasPrefix("-") {
            let option = text.split(whereSeparator: { $0 == " " || $0 == "=" || $0 == "\t" }).first.map(String.init)
            return ofOption(option ?? text)
        }
        // What follows is a marker, or an option, which is told for itself.
        let whole = text.prefix { $0 != ";" }
        let start = whole.firstRange(of: " -").map { whole[..<$0.lowerBound] } ?? whole
        let lower = start.lowercased()
        let isURL =
            start.contains("://") || ["git+", "hg+", "svn+", "bzr+"].contains { lower.hasPrefix($0) }
        if isURL { return "\(quoted(text)) is a URL; \(urlAdvice)" }
        let isFile = [".whl", ".tar.gz", ".zip", ".tar.bz2"].contains { lower.trimmed.hasSuffix($0) }
        if lower.hasPrefix("file:") || start.hasPrefix(".") || start.hasPrefix("/") || start.hasPrefix("~")
            || start.prefix(while: { !"[@<>=! ".contains($0) }).contains("/") || isFile
        {
            return
                "\(quoted(text)) is a path; put the wheel into a directory of the bundle, say 'wheels: DIRECTORY' in the"
                + " manifest, and name the package here"
        }
        return nil
    }

    static func ofOption(_ option: String) -> String {
        // `-rother.txt` is the same as `-r other.txt`.
        let short = option.hasPrefix("--") ? option : String(option.prefix(2))
        let name = quoted(short)
        switch short {
        case "-r", "--requirement": return "\(name) reads a further file; put its lines here"
        case "-c", "--constraint": return "\(name) reads a further file; put its versions into the lines here"
        case "-e", "--editable":
            return "\(name) installs what lies elsewhere; code of the bundle's own is imported without being installed"
        case "-i", "--index-url", "--extra-index-url", "--pypi-url", "--no-index", "--trusted-host":
            return "\(name): which indexes are asked is the operator's to say, under 'environments' in bobbin.yaml"
        case "-f", "--find-links":
            return
                "\(name): say 'wheels: DIRECTORY' in the manifest for wheels in the bundle; other places are the operator's to"
                + " name, under 'environments' in bobbin.yaml"
        case "--hash": return "\(name) comes after the requirement that it belongs to"
        case "-t", "--target", "--prefix", "--root", "--user", "--log", "--cache-dir", "--src", "-d", "--dest",
            "--report", "--python", "--build":
            return "\(name) would write elsewhere; an environment is at one place: leave it out"
        default:
            return "the option \(name) cannot be used here; a line is a package, its versions, a marker and hashes"
        }
    }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" || first == "\r" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" || last == "\r" { rest = rest.dropLast() }
        return String(rest)
    }
}
