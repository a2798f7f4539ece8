import Bundles
import Glibc
import Linux
import Runs
import SystemPackage

/// Checks a bundle's input against its schemas, by the program that intake uses.
struct SchemaChecking {
    /// The bundle's.
    let root: Directory

    /// Everything that is wrong with the schemas, or else with the input.
    func errors(_ manifest: Manifest) throws(Failure) -> [BundleError] {
        var schemas: [BundleError] = []
        var input: [BundleError] = []
        if let schema = manifest.inputSchema {
            let verdict = try verdict(on: manifest.input ?? .json("null"), schema)
            schemas += verdict.errors(ofSchema: schema, for: .input)
            input = verdict.errors(of: .input)
        }
        if let schema = manifest.outputSchema {
            schemas += try verdict(on: .json("null"), schema).errors(ofSchema: schema, for: .result)
        }
        return schemas + (schemas.isEmpty ? input : [])
    }

    private func verdict(on text: Manifest.Input, _ schema: Manifest.Schema) throws(Failure) -> SchemaVerdict {
        try PrivateDirectory.with { place throws(Failure) in
            let input: OwnedDescriptor
            do throws(Errno) {
                switch schema {
                case .json(let text): try place.create("schema", with: Array(text.utf8), mode: 0o644)
                case .file(let path):
                    let file = try root.open(beneath: Array(path.utf8), O_RDONLY)
                    let bytes = try readAll(file.rawValue, limit: SchemaVerdict.maximumSchema)
                    try place.create("schema", with: bytes, mode: 0o644)
                }
                switch text {
                case .json(let text):
                    try place.create("input", with: Array(text.utf8), mode: 0o644)
                    input = try place.open("input", O_RDONLY)
                case .file(let path): input = try root.open(beneath: Array(path.utf8), O_RDONLY)
                }
            } catch {
                if error == .fileTooLarge {
                    return .badSchema([SchemaVerdict.Fault(pointer: "", message: "is larger than 1 MiB")])
                }
                throw Failure(.internal, "cannot read what is to be checked: \(error)")
            }
            let program = ConfinedProgram(
                name: "bobbin-validate", fileSize: 1 << 20, outputLimit: SchemaVerdict.maximumOutput)
            let (output, status) = try program.run(["schema"], input: input.rawValue, in: place)
            // As wait(2) has it: in the second byte, if nothing is in the first.
            if status & 0x7F == 0, let verdict = SchemaVerdict(exitCode: (status >> 8) & 0xFF, output: output) {
                return verdict
            }
            return .beyondLimits("the check ended without an answer")
        }
    }
}
