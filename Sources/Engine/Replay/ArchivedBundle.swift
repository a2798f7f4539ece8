internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// What is kept of a run that is over: its record, and its bundle as it was sent.
struct ArchivedBundle: Sendable {
    let claim: RunRecord.Claim
    let accepted: RunRecord.Accepted
    private let directory: RunDirectory
    private let place: Place

    /// Finds it, or says why it cannot be had. Of a run whose result is visible it may still lie where the run was.
    ///
    /// Looks at the record alone: whether who asks may have it is decided before there is work for them.
    static func find(_ run: RunID, in context: EngineContext) async throws -> ArchivedBundle {
        if let bundle = try look(context.spool.runDirectory, run, Place(SpoolLayout.Way.run(run))) { return bundle }
        // From there it is renamed to the archive, so looking in this order never misses it.
        if let bundle = try look(context.spool.archivedRun, run, Place(SpoolLayout.Way.archived(run))) {
            return bundle
        }
        throw RequestRefusal(try await absence(run, context))
    }

    /// Copies it as it was sent; found again if it was put into the archive meanwhile.
    ///
    /// A refusal if the disk would be fuller than `min_free_space` allows.
    func copy(
        to target: Place, as name: EntryName, for ownership: FileOwnership, in context: EngineContext
    ) async throws {
        let least = context.settings.value.minFreeSpace
        if try context.spool.freeSpace() - (accepted.bundleBytes ?? 0) < least {
            throw RequestRefusal("a copy of it would leave less room than \(SizeText.text(least)) (min_free_space)")
        }
        do {
            try await copyNow(to: target, as: name, for: ownership, in: context)
        } catch let error as LauncherError where error.errno == .noSuchFileOrDirectory {
            try await Self.find(claim.run, in: context).copyNow(to: target, as: name, for: ownership, in: context)
        }
    }

    private func copyNow(
        to target: Place, as name: EntryName, for ownership: FileOwnership, in context: EngineContext
    ) async throws {
        var source = place
        var entry = SpoolLayout.Run.bundle
        let file = DropName(
            claim.entry, isDirectory: false, endings: context.settings.value.scriptEndings
        ).file
        if directory.directory.has(SpoolLayout.Run.archive) {
            entry = SpoolLayout.Run.archive
        } else if try isScript(file) {
            source = place.appending(SpoolLayout.Run.bundle)
            entry = file
        }
        try await context.launcher.copy(entry, in: source, to: target, as: name, for: ownership)
    }

    /// The name that it was dropped under, without a run's id.
    var sentName: EntryName {
        let id = BundleName.runSuffix(ofEntry: claim.entry).map { Array(".\($0)".utf8) } ?? []
        let bytes = claim.entry.bytes
        let start = bytes.indices.first { id.isEmpty ? false : bytes[$0...].starts(with: id) }
        guard let start else { return claim.entry }
        return EntryName(bytes: Array(bytes[..<start] + bytes[(start + id.count)...]))
    }

    /// What travelled beside it when it was submitted: its input and its name.
    func submitOptions() throws -> [UInt8]? {
        guard directory.directory.has(SpoolLayout.Run.options) else { return nil }
        return try directory.directory.read(SpoolLayout.Run.options, limit: 2 << 20)
    }

    /// nil if it is not there, or not over yet.
    private static func look(
        _ open: (RunID) throws(Errno) -> RunDirectory, _ run: RunID, _ place: Place
    ) throws -> ArchivedBundle? {
        let directory: RunDirectory
        do {
            directory = try open(run)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
            return nil
        }
        // What was rejected went back to its sender.
        guard let record = try directory.readRecord(), case .finished(let accepted?, _) = record.progress else {
            return nil
        }
        return ArchivedBundle(claim: record.claim, accepted: accepted, directory: directory, place: place)
    }

    /// Whether the bundle is one script. A directory of that one file has another hash: that of a list.
    private func isScript(_ name: EntryName) throws -> Bool {
        let bundle = try directory.bundle()
        let entries = try bundle.entries()
        guard entries.count == 1, entries[0].name == name, try bundle.status(of: name).kind == .regular else {
            return false
        }
        let script = try bundle.open(name, O_RDONLY)
        return try ContentHash.ofFile(script.rawValue) == accepted.bundleSHA256
    }

    /// Why there is none.
    private static func absence(_ run: RunID, _ context: EngineContext) async throws -> String {
        if let record = try? context.spool.runDirectory(run).readRecord() {
            if case .finished = record.progress { return rejected(run) }
            return "\(run) is not over yet"
        }
        guard let known = try await context.history.knows(run) else {
            return "no run \(run) is known; see what there is with: bobbin history"
        }
        if known.state == .rejected { return rejected(run) }
        return "the bundle of \(run) was swept (retention.archive); send it again"
    }

    private static func rejected(_ run: RunID) -> String {
        "\(run) was rejected, and what is rejected is not archived: it went back in its result as 'sent'"
    }
}
