internal import Linux
internal import Runs

/// The errors found in one file so far; each reader adds its own and goes on.
final class Findings {
    /// Relative to the bundle's root.
    let file: String
    private var kept: [(position: Position, error: BundleError)] = []
    private var count = 0
    /// A stranger's 256 KiB can hold 60,000 wrong keys; nobody reads more than this.
    private static let limit = 100

    init(file: String) { self.file = file }

    var isEmpty: Bool { count == 0 }
    /// Whether the text could not be read to its end: there is nothing more to say of it.
    private(set) var hasSyntaxFailure = false

    func add(_ code: ErrorCode, _ message: String, at position: Position) {
        count += 1
        if kept.count >= Self.limit { return }
        kept.append(
            (
                position,
                BundleError(
                    code: code.rawValue, message: message, file: file, line: position.line, column: position.column)
            ))
    }

    /// A text that ends in a syntax error is reported by that alone: what came before it may be its consequence.
    func replaceAll(with failure: SyntaxFailure) {
        kept = []
        count = 0
        hasSyntaxFailure = true
        add(failure.code, failure.message, at: failure.position)
    }

    /// In the order of the text.
    var errors: [BundleError] {
        var errors = kept.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element.error)
        if count > kept.count {
            errors.append(
                BundleError(
                    code: ErrorCode.tooManyErrors.rawValue, message: "\(count - kept.count) more errors are not shown",
                    file: file))
        }
        return errors
    }
}

/// The words that `errors` in status.json use; never changed once they are out.
enum ErrorCode: String {
    case syntax
    case tooLarge = "too_large"
    case tooDeep = "too_deep"
    case notUTF8 = "not_utf8"
    case repeatedKey = "repeated_key"
    case unknownKey = "unknown_key"
    case wrongType = "wrong_type"
    case badValue = "bad_value"
    case overMaximum = "over_maximum"
    case notAllowed = "not_allowed"
    case badName = "bad_name"
    case badPath = "bad_path"
    case badManifest = "bad_manifest"
    case twoManifests = "two_manifests"
    case noEntry = "no_entry"
    case ambiguousEntry = "ambiguous_entry"
    case missingFile = "missing_file"
    case notExecutable = "not_executable"
    case unknownRuntime = "unknown_runtime"
    case unreadable
    case schema
    case badSchema = "bad_schema"
    case badRequirement = "bad_requirement"
    case tooManyErrors = "too_many_errors"
}

/// A stranger's text in single quotes, safe to print, cut to what one line can hold.
func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let cut = scalars.prefix(80)
    let isCut = cut.endIndex != scalars.endIndex
    return "'" + escaped(Array(String(cut).utf8)) + (isCut ? "…" : "") + "'"
}
