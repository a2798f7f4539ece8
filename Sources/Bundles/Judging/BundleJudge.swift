internal import Glibc
public import Linux
public import Runs
public import SystemPackage

/// Judges whether a tree is a bundle that a queue may run, and reads its manifest: the same for intake and for `check`.
public struct BundleJudge: Sendable {
    public let queue: QueueName
    private let settings: QueueSettings
    private let runtimes: [String: Settings.RuntimeSettings]

    public init(queue: QueueName, settings: Settings) {
        self.queue = queue
        var own = settings.queue(queue)
        own.environments = own.environments && settings.environments.enabled
        self.settings = own
        runtimes = settings.runtimes
    }

    /// What `--input` may be at most: bytes, and levels so that manifest.json can hold it.
    public static let inputBounds = Document.Bounds(size: 1 << 20, levels: 64)

    /// Judges a tree. A file that cannot be looked at for a reason of the machine's (EIO, EMFILE) throws; everything that
    /// its sender could do is an error in the judgement.
    ///
    /// - Parameters:
    ///   - root: the bundle's root, with regular files, directories and links only.
    ///   - name: the bundle's name, which is the default of `title`.
    ///   - script: the file that was dropped, where the bundle is a single script; no manifest is looked for then.
    ///   - input: JSON text that stands for the manifest's `input`, as `--input` gives it.
    ///   - applied: manifest.json of an earlier run of the bundle, which stands for the bundle's own manifest; today's rules
    ///     of the queue hold all the same.
    public func judge(
        _ root: Directory, name: BundleName, script: EntryName? = nil, input: [UInt8]? = nil,
        applied: [UInt8]? = nil
    ) throws(Errno) -> Judgement {
        var findings = Findings(file: script?.description ?? ManifestFile.names[0])
        var tree: Node?
        var format = Document.Format.yaml
        if let applied {
            findings = Findings(file: "manifest.json")
            format = .json
            tree = Document.read(applied, format, Document.Bounds.applied, findings)
            if findings.hasSyntaxFailure { return .rejected(findings.errors) }
        } else if let script {
            tree = try inlineMetadata(of: script, in: root, findings)
            if findings.hasSyntaxFailure { return .rejected(findings.errors) }
        } else {
            switch try ManifestFile.find(in: root) {
            case .none: break
            case .failed(let error): return .rejected([error])
            case .found(let file):
                findings = Findings(file: file.name)
                format = file.format
                tree = Document.read(file.bytes, format, .manifest, findings)
                if findings.hasSyntaxFailure { return .rejected(findings.errors) }
            }
        }
        let reader = ManifestReader(findings: findings, queue: (queue, settings), runtimes: runtimes.keys.sorted())
        var draft = reader.read(tree)
        let isInvalid = !findings.isEmpty
        var errors: [BundleError] = []
        if let input { errors += replaceInput(of: &draft, with: input) }
        let files = BundleFiles(root: root, findings: findings)
        if case .file(let path) = draft.input?.value, let position = draft.input?.position {
            // An override stands in no line of the manifest.
            _ = try files.check(path, "input", at: input == nil ? position : nil, errors: &errors)
        }
        for (key, schema) in [("input_schema", draft.inputSchema), ("output_schema", draft.outputSchema)] {
            guard let schema, case .file(let path) = schema.value else { continue }
            _ = try files.check(path, key, at: schema.position, errors: &errors)
        }
        if settings.requireOutputSchema, tree?["output_schema"] == nil {
            errors.append(
                Self.error(
                    .notAllowed, "queue '\(queue)' wants every manifest to have an 'output_schema'; this has none"))
        }
        let choice = RuntimeChoice(runtimes)
        var entry = draft.entry?.value
        if let script {
            // A manifest that was applied names it.
            if applied == nil, let said = draft.entry {
                findings.add(.badValue, "the 'entry' of a single script is the script; leave it out", at: said.position)
            }
            entry = script.string
            if entry == nil {
                errors.append(Self.error(.badName, "'\(script)' is not UTF-8; rename it"))
            }
        } else if entry == nil, tree?["entry"] == nil {
            switch try EntrySearch(root: root, choice: choice).run(hasRuntime: draft.runtime != nil) {
            case .found(let path): entry = path
            case .failed(let error): errors.append(error)
            }
        }
        guard let entry, let head = try files.check(entry, "entry", at: draft.entry?.position, errors: &errors) else {
            return .rejected(findings.errors + errors)
        }
        let runtime = runtime(
            of: entry, head, draft, isScript: script != nil, isSaid: tree?["runtime"] != nil, choice, &errors)
        if let runtime { check(&draft, runtime: runtime, findings) }
        let isWhole = script == nil && applied == nil
        if runtime == BuiltInRuntime.r.rawValue, isWhole, tree?["packages"] == nil, let lock = try LockFile.read(root) {
            draft.needs.packages = .init(value: lock.packages, position: Position(line: 1, column: 1))
            errors += lock.errors
        }
        if runtime == BuiltInRuntime.python.rawValue {
            try checkNeeds(of: &draft, in: root, readsFile: isWhole && tree?["requirements"] == nil, findings, &errors)
        }
        guard let runtime, findings.isEmpty, !isInvalid, errors.isEmpty else {
            return .rejected(findings.errors + errors)
        }
        let manifest = draft.manifest(name: name.description, entry: entry, runtime: runtime, queue: settings)
        let notes = script == nil ? Self.notes(entry, head, runtime) : []
        return .accepted(manifest, notes: notes)
    }

    /// The manifest that a Python script has in its comments; nil for any other script, and for one without.
    private func inlineMetadata(
        of script: EntryName, in root: Directory, _ findings: Findings
    ) throws(Errno) -> Node? {
        guard RuntimeChoice(runtimes).runtime(byEndingOf: script) == BuiltInRuntime.python.rawValue,
            let file = try? root.open(script, O_RDONLY)
        else { return nil }
        let head = try ScriptHead(file.rawValue, status: FileStatus.of(descriptor: file.rawValue))
        return InlineMetadata.find(in: head.bytes, findings)?.manifest(findings)
    }

    /// What depends on how the script is run.
    private func check(_ draft: inout ManifestDraft, runtime: String, _ findings: Findings) {
        draft.ways.check(runtime: runtime, input: draft.input, findings)
        draft.checkSchemas(findings)
        draft.needs.check(runtime: runtime, queue: queue, settings, findings)
        guard let admitted = settings.imports, runtime == BuiltInRuntime.python.rawValue else { return }
        guard let imports = draft.ways.imports else {
            draft.ways.imports = .init(value: admitted, position: Position(line: 1, column: 1))
            return
        }
        let others = imports.value.filter { !admitted.contains($0) }
        if others.isEmpty { return }
        findings.add(
            .notAllowed,
            "queue '\(queue)' does not allow to import \(others.joined(separator: ", ")); allowed: "
                + admitted.joined(separator: ", "), at: imports.position)
    }

    /// What the bundle's files say of the packages that its script needs.
    private func checkNeeds(
        of draft: inout ManifestDraft, in root: Directory, readsFile: Bool, _ findings: Findings,
        _ errors: inout [BundleError]
    ) throws(Errno) {
        if readsFile, let file = try RequirementsFile.read(root) {
            let start = Position(line: 1, column: 1)
            draft.needs.requirements = .init(value: file.requirements, position: start)
            errors += file.errors
            if !settings.environments, !file.requirements.isEmpty {
                errors.append(
                    Self.error(.notAllowed, Needs.forbidden(queue), file: RequirementsFile.name.description))
            }
        }
        guard let wheels = draft.needs.wheels else { return }
        do throws(Errno) {
            _ = try root.open(beneath: Array(wheels.value.utf8), O_RDONLY | O_DIRECTORY)
        } catch {
            if error.isScarcity { throw error }
            findings.add(
                .missingFile, "'wheels' \(quoted(wheels.value)) is no directory of the bundle", at: wheels.position)
        }
    }

    private func replaceInput(of draft: inout ManifestDraft, with bytes: [UInt8]) -> [BundleError] {
        let findings = Findings(file: "--input")
        let root = Document.read(bytes, .json, Self.inputBounds, findings)
        let reader = ManifestReader(findings: findings, queue: (queue, settings), runtimes: [])
        if let root, findings.isEmpty { draft.input = reader.input(root) }
        return findings.errors
    }

    /// - Parameter isSaid: whether the manifest has a `runtime`, valid or not.
    private func runtime(
        of entry: String, _ head: ScriptHead, _ draft: ManifestDraft, isScript: Bool, isSaid: Bool,
        _ choice: RuntimeChoice,
        _ errors: inout [BundleError]
    ) -> String? {
        let name = EntryName(bytes: entry.utf8.split(separator: 0x2F).last.map { Array($0) } ?? [])
        var runtime = draft.runtime?.value
        if !isSaid {
            runtime = choice.runtime(of: name, head)
            if runtime == nil, !isScript, head.isExecutable { runtime = BuiltInRuntime.executable.rawValue }
            guard let runtime else {
                errors.append(
                    Self.error(
                        .unknownRuntime,
                        isScript
                            ? "no bundle: neither a known ending nor an executable file that begins with '#!'"
                            : "cannot tell how to run it: no known ending and no '#!'; say 'runtime' in manifest.yaml",
                        file: entry))
                return nil
            }
            if let allowed = settings.runtimes, !allowed.contains(runtime) {
                errors.append(
                    Self.error(.notAllowed, ManifestReader.forbidden(runtime: runtime, queue, allowed), file: entry))
                return nil
            }
        }
        // Without an ending that says what it is, `#!` alone does not make a dropped file a script: text may begin with it.
        let mustBeExecutable =
            runtime == BuiltInRuntime.executable.rawValue || (isScript && choice.runtime(byEndingOf: name) == nil)
        if mustBeExecutable, !head.isExecutable {
            errors.append(
                Self.error(
                    .notExecutable, "must be executable; set its mode with chmod +x before it is sent", file: entry))
            return nil
        }
        return runtime
    }

    private static func notes(_ entry: String, _ head: ScriptHead, _ runtime: String) -> [BundleNote] {
        guard runtime == BuiltInRuntime.python.rawValue,
            let metadata = InlineMetadata.find(in: head.bytes, Findings(file: entry))
        else { return [] }
        return [
            BundleNote(
                code: "inline_metadata",
                message: "inline metadata counts in a script that is sent alone; of a bundle, manifest.yaml does",
                file: escaped(entry.utf8), line: metadata.line)
        ]
    }

    private static func error(_ code: ErrorCode, _ message: String, file: String? = nil) -> BundleError {
        BundleError(code: code.rawValue, message: message, file: file.map { escaped($0.utf8) })
    }
}
