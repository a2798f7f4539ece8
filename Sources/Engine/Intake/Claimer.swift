internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Takes drops out of their inboxes, many with one flush: a record first, then the old link away, then the rename.
///
/// One claims at a time (`ClaimCounter.turn`), so that two claims of a name keep their order.
final class Claimer: Sendable {
    struct Request: Sendable {
        let drop: Drop
        /// Why it is to be rejected whatever it is; nil: it is judged.
        let rejection: String?
    }

    /// A drop that is in `state/runs/RUN/sent` now.
    struct Claimed: Sendable {
        let drop: Drop
        var claim: RunRecord.Claim
        /// What is wrong with it already.
        var errors: [BundleError] = []
        let takenAt: SuspendingClock.Instant?
    }

    enum Outcome: Sendable {
        case claimed(Claimed)
        /// It is not there any more.
        case gone(Drop)
        /// The run it names is being judged right now.
        case later(Drop)
        case refused(Drop, inode: UInt64, why: String)
    }

    private let context: EngineContext
    private let sequence: ClaimCounter

    init(context: EngineContext, sequence: ClaimCounter) {
        self.context = context
        self.sequence = sequence
    }

    /// A claim whose record is written, but whose entry is still in the inbox.
    private struct Prepared {
        let claimed: Claimed
        let directory: RunDirectory
        let queue: QueueDirectory
        let inode: UInt64
    }

    func claim(_ requests: [Request]) async -> [Outcome] {
        await sequence.turn.take()
        defer { sequence.turn.giveBack() }
        return await claimInTurn(requests)
    }

    private func claimInTurn(_ requests: [Request]) async -> [Outcome] {
        var outcomes: [Outcome] = []
        var prepared: [Prepared] = []
        for request in requests {
            do {
                switch try await prepare(request) {
                case .success(let claim): prepared.append(claim)
                case .failure(let outcome): outcomes.append(outcome.value)
                }
            } catch {
                context.logger.error("\(request.drop.queue)/\(request.drop.entry): cannot claim it now: \(error)")
                outcomes.append(.later(request.drop))
            }
        }
        do {
            // What is claimed must be known after a power cut: the records are on disk before any entry leaves its inbox.
            if !prepared.isEmpty { try await context.flusher.flush() }
        } catch {
            context.logger.error("cannot flush the records of \(prepared.count) claims: \(error)")
            for claim in prepared {
                context.discardClaim(claim.claimed.claim.run)
                outcomes.append(.later(claim.claimed.drop))
            }
            return outcomes
        }
        for claim in prepared { outcomes.append(await take(claim)) }
        return outcomes
    }

    private struct Early: Error { let value: Outcome }

    private func prepare(_ request: Request) async throws -> Result<Prepared, Early> {
        let drop = request.drop
        guard let queue = context.queues.known(drop.queue), let status = try? queue.inbox.status(of: drop.entry) else {
            return .failure(Early(value: .gone(drop)))
        }
        let endings = context.settings.value.runtimes.values.flatMap(\.endings)
        let name = DropName(drop.entry, isDirectory: status.kind == .directory, endings: endings)
        var errors = name.error.map { [$0] } ?? []
        if let rejection = request.rejection { errors.append(BundleError(code: "incomplete", message: rejection)) }
        var run = RunID.new()
        var again: RunID?
        if let chosen = name.run {
            switch try await ChosenRun(chosen, in: context) {
            case .new: run = chosen
            case .known: again = chosen
            case .beingJudged: return .failure(Early(value: .later(drop)))
            case .refused(let error): errors.append(error)
            }
        }
        var claim = RunRecord.Claim(
            run: run, queue: drop.queue, name: name.name, entry: drop.entry, sequence: sequence.next(),
            submittedAt: .now(),
            owner: status.owner, group: status.group)
        claim.again = again
        claim.oldLink = ResultLinks(outbox: queue.outbox).target(of: name.name)
        let directory = try context.spool.makeRunDirectory(run)
        do {
            try directory.note(.claimed(claim))
        } catch {
            // Without its record the directory would stand for a run that is being judged, for ever.
            try context.spool.discardRun(run)
            throw error
        }
        return .success(
            Prepared(
                claimed: Claimed(drop: drop, claim: claim, errors: errors, takenAt: .now), directory: directory,
                queue: queue, inode: status.inode))
    }

    private func take(_ prepared: Prepared) async -> Outcome {
        var claimed = prepared.claimed
        let claim = claimed.claim
        do {
            if claim.again == nil { try context.links.claim(claim, in: prepared.queue.outbox) }
        } catch {
            context.logger.error("outbox/\(claim.queue)/\(claim.name): cannot take the old link away: \(error)")
            context.discardClaim(claim.run)
            return .later(claimed.drop)
        }
        do {
            try await context.launcher.claim(
                claimed.drop.entry, from: .inbox(claim.queue), into: .run(claim.run), as: SpoolLayout.Run.sent)
            // Looked at here: a launcher in a user namespace cannot tell other users apart.
            let sent = try? prepared.directory.directory.status(of: SpoolLayout.Run.sent)
            claimed.claim.owner = sent?.owner ?? claim.owner
            claimed.claim.group = sent?.group ?? claim.group
            await context.takeOptions(&claimed, from: prepared.queue.inbox)
            return .claimed(claimed)
        } catch {
            // The launcher may have died between the rename and its answer: then the entry is ours all the same.
            if let sent = try? prepared.directory.directory.status(of: SpoolLayout.Run.sent) {
                claimed.claim.owner = sent.owner
                claimed.claim.group = sent.group
                await context.takeOptions(&claimed, from: prepared.queue.inbox)
                return .claimed(claimed)
            }
            if claim.again == nil { context.links.withdraw(claim, in: prepared.queue.outbox) }
            context.discardClaim(claim.run)
            switch error.errno {
            case .noSuchFileOrDirectory: return .gone(claimed.drop)
            case .permissionDenied, .notPermitted, .improperLink:
                return .refused(claimed.drop, inode: prepared.inode, why: "\(error)")
            default:
                context.logger.error("\(claim.queue)/\(claimed.drop.entry): cannot claim it now: \(error)")
                return .later(claimed.drop)
            }
        }
    }
}

extension EngineContext {
    /// What `bobbin submit` sent beside a bundle comes along, if the same user made it. Claimed before a crash, the bundle may be
    /// here already, and this not yet.
    func takeOptions(_ claimed: inout Claimer.Claimed, from inbox: Directory) async {
        let claim = claimed.claim
        guard claim.again == nil, claim.replay == nil, let run = BundleName.runSuffix(ofEntry: claim.entry) else {
            return
        }
        let name = SpoolLayout.submitOptions(of: run)
        guard let status = try? inbox.status(of: name), status.owner == claim.owner, status.kind == .regular else {
            return
        }
        do {
            try await launcher.claim(
                name, from: .inbox(claim.queue), into: .run(claim.run), as: SpoolLayout.Run.options)
        } catch {
            // The launcher may have died between the rename and its answer.
            if let directory = try? spool.runDirectory(claim.run).directory, directory.has(SpoolLayout.Run.options) {
                return
            }
            claimed.errors.append(
                BundleError(
                    code: "no_options", message: "what was to travel beside the bundle cannot be taken: \(error)"))
        }
    }
}

extension EngineContext {
    /// A claim that came to nothing: its record goes, the entry was never touched.
    func discardClaim(_ run: RunID) {
        do {
            try spool.discardRun(run)
            trash.expect()
        } catch {
            logger.warning("\(run): cannot remove the record of an empty claim: \(error)")
        }
    }
}

extension BundleName {
    /// The run id in an entry's name, before its ending.
    static func runSuffix(ofEntry entry: EntryName) -> RunID? {
        DropName(entry, isDirectory: false).run ?? DropName(entry, isDirectory: true).run
    }
}
