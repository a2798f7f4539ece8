internal import Linux
public import Runs

/// What `bobbin-validate` found out about a JSON text and its schema.
public enum SchemaVerdict: Sendable, Hashable {
    case valid
    case invalid([Fault])
    case badSchema([Fault])
    case noJSON(String)
    /// It could not be found out; a sentence.
    case beyondLimits(String)

    /// Something that is wrong, at a JSON pointer.
    public struct Fault: Sendable, Hashable {
        public let pointer: String
        public let message: String

        public init(pointer: String, message: String) {
            self.pointer = pointer
            self.message = message
        }
    }

    /// Bytes that it prints at most.
    public static let maximumOutput = 64 << 10
    /// Bytes of a schema.
    public static let maximumSchema = 1 << 20

    /// - Parameter exitCode: what it ended with; nil for one that means no verdict. Whoever made the text may have taken it over.
    public init?(exitCode: Int32, output: [UInt8]) {
        let faults = output.split(separator: 0x0A).prefix(30).map { line in
            let parts = line.split(separator: 0x09, maxSplits: 1, omittingEmptySubsequences: false)
            return Fault(
                pointer: parts.count == 2 ? Self.visible(parts[0]) : "", message: Self.visible(parts.last ?? []))
        }
        let sentence = faults.first?.message ?? "no reason was given"
        switch exitCode {
        case 0: self = .valid
        case 1: self = .invalid(faults.isEmpty ? [Fault(pointer: "", message: sentence)] : faults)
        case 2: self = .badSchema(faults.isEmpty ? [Fault(pointer: "", message: sentence)] : faults)
        case 3: self = .noJSON(sentence)
        case 4: self = .beyondLimits(sentence)
        default: return nil
        }
    }

    /// What it printed, without what a terminal would act on.
    private static func visible(_ bytes: ArraySlice<UInt8>) -> String {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        return String(String.UnicodeScalarView(scalars.map { $0.isInvisible ? "\u{FFFD}" : $0 }))
    }

    /// What was checked.
    public enum Subject: String, Sendable {
        case input, result

        fileprivate var key: String { self == .input ? "input_schema" : "output_schema" }
    }

    /// What is wrong with the text; empty if nothing is, or if its schema cannot be used.
    public func errors(of subject: Subject) -> [BundleError] {
        func error(_ words: String, at pointer: String = "") -> BundleError {
            let place = pointer.isEmpty ? "" : " at \(pointer)"
            return BundleError(code: ErrorCode.schema.rawValue, message: "\(subject.rawValue)\(place): \(words)")
        }
        switch self {
        case .valid, .badSchema: return []
        case .invalid(let faults): return faults.map { error($0.message, at: $0.pointer) }
        case .noJSON(let why): return [error("is no JSON: \(why)")]
        case .beyondLimits(let why):
            return [error("cannot be checked: \(why); make it smaller, or its schema simpler")]
        }
    }

    /// What is wrong with the schema; empty if it can be used.
    public func errors(ofSchema schema: Manifest.Schema, for subject: Subject) -> [BundleError] {
        guard case .badSchema(let faults) = self else { return [] }
        return faults.map { fault in
            let place = fault.pointer.isEmpty ? "" : "at \(fault.pointer): "
            if case .file(let path) = schema {
                return BundleError(
                    code: ErrorCode.badSchema.rawValue, message: place + fault.message, file: escaped(path.utf8))
            }
            return BundleError(
                code: ErrorCode.badSchema.rawValue,
                message: "'\(subject.key)' \(place.isEmpty ? fault.message : place + fault.message)")
        }
    }
}
