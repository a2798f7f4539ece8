import Bundles
import Linux

/// What `--input` gives: JSON itself, or `@` and a file that holds it.
enum InputText {
    static func reading(_ option: String?) throws(Failure) -> String? {
        guard let option, option.hasPrefix("@") else { return option }
        let file = try SourceFile(String(option.dropFirst()))
        let bytes: [UInt8]
        do {
            bytes = try file.parent.read(file.entry, limit: BundleJudge.inputBounds.size)
        } catch {
            throw Failure(.badData, "cannot read the input '\(escaped(file.path.utf8))': \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.badData, "the input '\(escaped(file.path.utf8))' is not UTF-8")
        }
        return text
    }
}
