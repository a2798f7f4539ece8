public import Runs

/// A YAML or JSON text as a positioned tree, and what is wrong with it.
///
/// UTF-8, with or without a byte order mark; no aliases, anchors or tags, no repeated keys, one document. A syntax error is
/// reported alone, everything else together.
public struct Document: Sendable {
    /// nil if the text is empty (YAML only) or breaks the syntax.
    public let root: Node?
    /// In the order of the text.
    public let errors: [BundleError]

    public enum Format: Sendable, Hashable {
        case yaml, json
    }

    /// What a text may be at most.
    public struct Bounds: Sendable, Hashable {
        /// Bytes.
        public var size: Int
        /// Sequences and mappings inside one another.
        public var levels: Int

        /// 256 KiB and 64 levels.
        public static let manifest = Bounds(size: 256 << 10, levels: 64)
        /// manifest.json: larger than the manifest that it was made from, and one level deeper.
        static let applied = Bounds(size: 16 << 20, levels: 66)

        /// For text that Bobbin itself wrote: it can be larger than the manifest it was made from. `levels` at most 128:
        /// trees are walked by recursion.
        public init(size: Int, levels: Int = 64) {
            self.size = size
            self.levels = min(levels, 128)
        }
    }

    /// - Parameter file: the name that errors show.
    public init(reading bytes: [UInt8], file: String, format: Format, bounds: Bounds = .manifest) {
        let findings = Findings(file: file)
        root = Self.read(bytes, format, bounds, findings)
        errors = findings.errors
    }

    static func read(_ bytes: [UInt8], _ format: Format, _ bounds: Bounds, _ findings: Findings) -> Node? {
        do throws(SyntaxFailure) {
            if bytes.count > bounds.size {
                throw SyntaxFailure(
                    .tooLarge, "is \(bytes.count) bytes; at most \(SizeText.text(Int64(bounds.size))) is allowed")
            }
            let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
            try checkEncoding(text)
            switch format {
            case .yaml: return try YAMLReader.read(text, levels: bounds.levels, findings: findings)
            case .json: return try JSONReader.read(text, levels: bounds.levels, findings: findings)
            }
        } catch {
            findings.replaceAll(with: error)
            return nil
        }
    }

    private static func checkEncoding(_ bytes: [UInt8]) throws(SyntaxFailure) {
        if String(validating: bytes, as: UTF8.self) != nil { return }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var line = 1
        var column = 1
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .emptyInput: return
            case .error:
                throw SyntaxFailure(.notUTF8, "is not UTF-8 here", Position(line: line, column: column))
            case .valid(let scalar):
                if scalar.first == 0x0A {
                    line += 1
                    column = 1
                } else {
                    column += 1
                }
            }
        }
    }
}

/// Why a text could not be read to its end.
struct SyntaxFailure: Error {
    let code: ErrorCode
    let message: String
    let position: Position

    init(_ code: ErrorCode, _ message: String, _ position: Position = Position(line: 1, column: 1)) {
        self.code = code
        self.message = message
        self.position = position
    }
}
