public import Linux
public import Runs

/// What the name of a dropped entry says: the bundle's name, the run it chooses, and what it is.
public struct DropName: Sendable, Hashable {
    /// The bundle's name; where the entry spells none, the mended one under which it is rejected.
    public let name: BundleName
    /// Why the entry is rejected for its name; the message holds the original, escaped.
    public let error: BundleError?
    /// The run that `NAME.RUN[.ending]` chooses.
    public let run: RunID?
    public let form: Form
    /// What a single script is called in its bundle: as it was dropped, without a run's id.
    public let file: EntryName

    public enum Form: Sendable, Hashable {
        case directory
        case archive(ArchiveFormat)
        /// A script by its ending, which has its dot.
        case script(ending: String)
        /// Only its content can tell: a bundle if it is executable and begins with `#!`.
        case file
    }

    /// - Parameter endings: endings of scripts that runtimes of the settings add.
    public init(_ entry: EntryName, isDirectory: Bool, endings: [String] = []) {
        let (form, ending) = isDirectory ? (.directory, "") : Self.form(of: entry, endings)
        self.form = form
        var stem = Array(entry.bytes.dropLast(ending.utf8.count))
        run = BundleName.runSuffix(of: stem)
        if run != nil { stem.removeLast(27) }
        file = EntryName(bytes: stem + Array(ending.utf8))
        if let name = BundleName(bytes: stem) {
            self.name = name
            error = nil
        } else {
            name = BundleName(mending: stem)
            error = BundleError(
                code: ErrorCode.badName.rawValue,
                message: "'\(entry)' is no name of a bundle; rename it to \(Self.rule)")
        }
    }

    private static let rule =
        "letters, digits, '.', '_' and '-', a letter or digit first, at most 128, and no run id at its end"

    private static func form(of entry: EntryName, _ added: [String]) -> (Form, String) {
        // The longest ending first: `.tar.gz` is not `.gz`; and an ending alone is a name.
        func fits(_ ending: String) -> Bool { entry.hasSuffix(ending) && entry.bytes.count > ending.utf8.count }
        for format in ArchiveFormat.allCases {
            if let ending = format.endings.first(where: fits) { return (.archive(format), ending) }
        }
        let endings = added + BuiltInRuntime.allCases.flatMap(\.endings)
        if let ending = endings.filter(fits).max(by: { $0.utf8.count < $1.utf8.count }) {
            return (.script(ending: ending), ending)
        }
        return (.file, "")
    }
}
