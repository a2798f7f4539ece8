// What `bobbin submit` sends beside a bundle: `inbox/QUEUE/.RUN.submit.json`.

internal import Bundles
internal import Linux
internal import Runs
internal import Sandbox
internal import Spool
internal import SystemPackage

extension Acceptance {
    /// Takes it out of the inbox, if the same user made it. Of a claim from before a crash it may be here already, or not yet.
    func takeOptions(_ claim: RunRecord.Claim, _ directory: RunDirectory) async throws {
        guard claim.again == nil, claim.replay == nil, let run = BundleName.runSuffix(ofEntry: claim.entry),
            let inbox = try? await context.queues.open(claim.queue).inbox
        else { return }
        let name = SpoolLayout.submitOptions(of: run)
        guard let status = try? inbox.status(of: name), status.owner == claim.owner, status.kind == .regular else {
            return
        }
        do {
            try await context.launcher.claim(
                name, from: .inbox(claim.queue), into: .run(claim.run), as: SpoolLayout.Run.options)
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory: return
            case .permissionDenied, .notPermitted, .improperLink:
                throw Refusal.rejected([
                    BundleError(
                        code: "no_options", message: "what was to travel beside the bundle cannot be taken: \(error)")
                ])
            default: throw error
            }
        }
    }

    /// What was sent beside the bundle, once it is taken.
    func options(_ directory: RunDirectory) throws -> SubmitOptions {
        guard directory.directory.has(SpoolLayout.Run.options) else { return SubmitOptions() }
        switch SubmitOptions.reading(try directory.directory.read(SpoolLayout.Run.options, limit: 2 << 20)) {
        case .success(let options): return options
        case .failure(let invalid): throw Refusal.rejected(invalid.errors)
        }
    }
}

extension BundleName {
    /// The run id in an entry's name, before its ending.
    static func runSuffix(ofEntry entry: EntryName) -> RunID? {
        DropName(entry, isDirectory: false).run ?? DropName(entry, isDirectory: true).run
    }
}
