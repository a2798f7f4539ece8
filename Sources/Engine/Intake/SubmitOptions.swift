internal import Bundles
internal import Runs

/// What travels beside a bundle that `bobbin submit` drops: `.RUN.submit.json`, `{"name": …, "input": …}`.
struct SubmitOptions {
    /// The name that people see, for a bundle whose entry has another.
    let name: BundleName?
    /// JSON text that replaces the manifest's input.
    let input: [UInt8]?

    init(reading bytes: [UInt8]) throws(InvalidFile) {
        let options = try SubmitFile.read(bytes)
        name = options.name
        input = options.input
    }
}
