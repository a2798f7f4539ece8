internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// What is kept of a run that is over: its record, and where its bundle lies as it was sent.
struct ArchivedBundle: Sendable {
    let claim: RunRecord.Claim
    let accepted: RunRecord.Accepted
    let place: Place
    /// What was sent: an archive, a script, or a directory.
    let entry: EntryName

    /// Finds it, or says why it cannot be had. Of a run whose result is visible it may still lie where the run was.
    static func find(_ run: RunID, in context: EngineContext) async throws -> ArchivedBundle {
        if let bundle = try look(context.spool.runDirectory, run, Place(SpoolLayout.Way.run(run)), context) {
            return bundle
        }
        // From there it is renamed to the archive, so looking in this order never misses it.
        if let bundle = try look(context.spool.archivedRun, run, Place(SpoolLayout.Way.archived(run)), context) {
            return bundle
        }
        throw RequestRefusal(try await absence(run, context))
    }

    /// Copies it as it was sent; found again if it was put into the archive meanwhile.
    func copy(
        to target: Place, as name: EntryName, for ownership: FileOwnership, in context: EngineContext
    ) async throws {
        do {
            try await context.launcher.copy(entry, in: place, to: target, as: name, for: ownership)
        } catch  where error.errno == .noSuchFileOrDirectory {
            let again = try await Self.find(claim.run, in: context)
            try await context.launcher.copy(again.entry, in: again.place, to: target, as: name, for: ownership)
        }
    }

    /// nil if it is not there, or not over yet.
    private static func look(
        _ open: (RunID) throws(Errno) -> RunDirectory, _ run: RunID, _ place: Place, _ context: EngineContext
    ) throws -> ArchivedBundle? {
        let directory: RunDirectory
        do {
            directory = try open(run)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
            return nil
        }
        guard let record = try directory.readRecord(), case .finished(let known, _) = record.progress else {
            return nil
        }
        // What was rejected went back to its sender.
        guard let accepted = known else { return nil }
        let drop = DropName(
            record.claim.entry, isDirectory: false,
            endings: context.settings.value.runtimes.values.flatMap(\.endings))
        if directory.directory.has(SpoolLayout.Run.archive) {
            return ArchivedBundle(
                claim: record.claim, accepted: accepted, place: place, entry: SpoolLayout.Run.archive)
        }
        if try isScript(drop.file, of: directory.bundle(), accepted.bundleSHA256) {
            return ArchivedBundle(
                claim: record.claim, accepted: accepted, place: place.appending(SpoolLayout.Run.bundle),
                entry: drop.file)
        }
        return ArchivedBundle(
            claim: record.claim, accepted: accepted, place: place, entry: SpoolLayout.Run.bundle)
    }

    /// Whether the bundle is one script. A directory of that one file has another hash: that of a list.
    private static func isScript(_ name: EntryName, of bundle: Directory, _ hash: String) throws -> Bool {
        let entries = try bundle.entries()
        guard entries.count == 1, entries[0].name == name, try bundle.status(of: name).kind == .regular else {
            return false
        }
        let script = try bundle.open(name, O_RDONLY)
        return try ContentHash.ofFile(script.rawValue) == hash
    }

    /// Why there is none.
    private static func absence(_ run: RunID, _ context: EngineContext) async throws -> String {
        if context.spool.runs.has(EntryName(run.description)) { return "\(run) is not over yet" }
        guard let known = try await context.history.knows(run) else {
            return "no run \(run) is known; see what there is with: bobbin history"
        }
        if known.state == .rejected {
            return "\(run) was rejected, and what is rejected is not archived: it went back in its result as 'sent'"
        }
        return "the bundle of \(run) was swept (retention.archive); send it again"
    }
}
