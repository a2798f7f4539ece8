internal import Bundles
internal import Glibc
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Checks JSON texts of one run against schemas, in a sandbox of its own: either may be of any size and shape.
struct SchemaCheck: Sendable {
    let context: EngineContext
    let directory: RunDirectory

    /// Milliseconds; the program gives up by itself after a minute of processor time.
    private static let patience: Int64 = 3 * 60_000
    /// Each may take a gigabyte, and archives must not have to wait for them.
    private static let places = AsyncPlaces(4)

    /// - Parameters:
    ///   - text: read from where it is.
    ///   - schema: nil: any JSON will do.
    func verdict(on text: SharedDescriptor, _ schema: Manifest.Schema?) async throws -> SchemaVerdict {
        if let schema, let fault = try put(schema) { return .badSchema([fault]) }
        await Self.places.take()
        defer { Self.places.giveBack() }
        var limits = SandboxLimits()
        limits.memory = 1 << 30
        limits.processes = 4
        limits.fileSize = 1 << 20
        limits.tmp = 1 << 20
        let program = OwnProgram(
            launcher: context.launcher, executable: context.validator, name: "bobbin-validate", patience: Self.patience)
        let outcome = try await program.run(
            schema == nil ? [] : ["/run/schema"], in: .run(directory.run), directory.directory, workspace: .empty,
            shown: schema == nil ? [] : [.schema], input: text, limits: limits,
            outputLimit: SchemaVerdict.maximumOutput)
        if schema != nil { try directory.directory.unlinkIfPresent(SpoolLayout.Run.schema) }
        if outcome.isLate { return .beyondLimits("it takes longer than three minutes") }
        switch outcome.end {
        case .exited(let code):
            if let verdict = SchemaVerdict(exitCode: code, output: outcome.output) { return verdict }
            return .beyondLimits("the check failed: \(escaped(outcome.errors.prefix(300)))")
        case .killed: return .beyondLimits("it takes more than a gigabyte of memory")
        case .signalled(let number): return .beyondLimits("the check was ended by \(Signal.name(number))")
        case .failed(let step, let number): throw LauncherError.sandbox(step, Errno(rawValue: number))
        }
    }

    /// What is wrong with the schemas of a bundle that was taken over, and with its input.
    func judge(_ manifest: Manifest) async throws -> (schemas: [BundleError], input: [BundleError]) {
        var schemas: [BundleError] = []
        var input: [BundleError] = []
        if let schema = manifest.inputSchema {
            let verdict = try await verdict(on: text(of: manifest), schema)
            schemas += verdict.errors(ofSchema: schema, for: .input)
            input = verdict.errors(of: .input)
        }
        if let schema = manifest.outputSchema {
            // There is no result yet; whether the schema can be used shows with any value.
            schemas += try await verdict(on: null(), schema).errors(ofSchema: schema, for: .result)
        }
        return (schemas, input)
    }

    /// No input counts as null.
    private func text(of manifest: Manifest) throws(Errno) -> SharedDescriptor {
        manifest.input == nil ? try null() : try Input(of: manifest, in: directory).descriptor
    }

    private func null() throws(Errno) -> SharedDescriptor {
        let file = try directory.directory.openUnnamed()
        try writeAll(file.rawValue, Array("null".utf8))
        try check(Int32(truncatingIfNeeded: lseek(file.rawValue, 0, SEEK_SET)))
        return SharedDescriptor(file)
    }

    /// Writes a schema to where the sandbox shows it.
    private func put(_ schema: Manifest.Schema) throws(Errno) -> SchemaVerdict.Fault? {
        let bytes: [UInt8]
        switch schema {
        case .json(let text): bytes = Array(text.utf8)
        case .file(let path):
            do throws(Errno) {
                let file = try directory.bundle().open(beneath: Array(path.utf8), O_RDONLY)
                bytes = try readAll(file.rawValue, limit: SchemaVerdict.maximumSchema)
            } catch {
                if error != .fileTooLarge { throw error }
                return SchemaVerdict.Fault(pointer: "", message: "is larger than 1 MiB")
            }
        }
        try directory.directory.replace(SpoolLayout.Run.schema, with: bytes)
        return nil
    }
}
