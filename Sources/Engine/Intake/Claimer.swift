internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import Synchronization
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
        /// The kernel does not let it be taken; `isLasting` unless that may change without any change of the entry.
        case refused(Drop, inode: UInt64, isLasting: Bool, why: String)
        /// The machine is short of something: it stays where it is until there is enough.
        case hindered(Request)
        /// It cannot be claimed now, for whatever other reason.
        case failed(Drop, why: String)
    }

    private let context: EngineContext
    private let sequence: ClaimCounter
    /// Records of claims that came to nothing and that the disk refused to take away; used in turn.
    private let leftovers = Mutex<Set<RunID>>([])

    init(context: EngineContext, sequence: ClaimCounter) {
        self.context = context
        self.sequence = sequence
    }

    /// A claim whose record is written, but whose entry is still in the inbox.
    private struct Prepared {
        let request: Request
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
        var isHindered = false
        removeLeftovers()
        for request in requests {
            // What is lacking for one is lacking for the next.
            if isHindered {
                outcomes.append(.hindered(request))
                continue
            }
            do {
                switch try await prepare(request) {
                case .success(let claim): prepared.append(claim)
                case .failure(let outcome): outcomes.append(outcome.value)
                }
            } catch {
                outcomes.append(failed(request, error))
                isHindered = Hindrances.isPassing(error)
            }
        }
        do {
            // What is claimed must be known after a power cut: the records are on disk before any entry leaves its inbox.
            if !prepared.isEmpty { try await context.flusher.flush() }
        } catch {
            context.hindrances.begin(.claiming, "flushing the records of \(prepared.count) claims", error)
            for claim in prepared {
                discard(claim.claimed.claim.run)
                outcomes.append(.hindered(claim.request))
            }
            return outcomes
        }
        for claim in prepared {
            if isHindered {
                discard(claim.claimed.claim.run)
                outcomes.append(.hindered(claim.request))
                continue
            }
            let outcome = await take(claim)
            if case .hindered = outcome { isHindered = true }
            outcomes.append(outcome)
        }
        if !isHindered, !prepared.isEmpty { context.hindrances.end(.claiming) }
        return outcomes
    }

    private func failed(_ request: Request, _ error: any Error) -> Outcome {
        guard Hindrances.isPassing(error) else { return .failed(request.drop, why: "\(error)") }
        context.hindrances.begin(.claiming, "claiming \(request.drop.queue)/\(request.drop.entry)", error)
        return .hindered(request)
    }

    /// A claim that came to nothing: its record goes, or goes later. Until then its run id would count as being judged.
    private func discard(_ run: RunID) {
        if !context.discardClaim(run) { leftovers.withLock { _ = $0.insert(run) } }
    }

    private func removeLeftovers() {
        for run in leftovers.withLock({ $0 }) where context.discardClaim(run) {
            leftovers.withLock { _ = $0.remove(run) }
        }
    }

    private struct Early: Error { let value: Outcome }

    private func prepare(_ request: Request) async throws -> Result<Prepared, Early> {
        let drop = request.drop
        guard let queue = context.queues.known(drop.queue) else { return .failure(Early(value: .gone(drop))) }
        let status: FileStatus
        do {
            status = try queue.inbox.status(of: drop.entry)
        } catch {
            if Hindrances.isPassing(error) { throw error }
            return .failure(Early(value: .gone(drop)))
        }
        let endings = context.settings.value.scriptEndings
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
            discard(run)
            throw error
        }
        return .success(
            Prepared(
                request: request, claimed: Claimed(drop: drop, claim: claim, errors: errors, takenAt: .now),
                directory: directory,
                queue: queue, inode: status.inode))
    }

    private func take(_ prepared: Prepared) async -> Outcome {
        var claimed = prepared.claimed
        let claim = claimed.claim
        do {
            if claim.again == nil { try context.links.claim(claim, in: prepared.queue.outbox) }
        } catch {
            discard(claim.run)
            return failed(prepared.request, error)
        }
        do {
            try await context.launcher.claim(
                claimed.drop.entry, from: .inbox(claim.queue), into: .run(claim.run), as: SpoolLayout.Run.sent)
            // Looked at here: a launcher in a user namespace cannot tell other users apart.
            let sent = try? prepared.directory.directory.status(of: SpoolLayout.Run.sent)
            claimed.claim.owner = sent?.owner ?? claim.owner
            claimed.claim.group = sent?.group ?? claim.group
            return .claimed(claimed)
        } catch {
            // The launcher may have died between the rename and its answer: then the entry is ours all the same.
            if let sent = try? prepared.directory.directory.status(of: SpoolLayout.Run.sent) {
                claimed.claim.owner = sent.owner
                claimed.claim.group = sent.group
                return .claimed(claimed)
            }
            if claim.again == nil { context.links.withdraw(claim, in: prepared.queue.outbox) }
            discard(claim.run)
            switch error.errno {
            case .noSuchFileOrDirectory: return .gone(claimed.drop)
            case .permissionDenied, .notPermitted, .improperLink:
                // EXDEV: something is mounted over the inbox, and may be unmounted again.
                return .refused(
                    claimed.drop, inode: prepared.inode, isLasting: error.errno != .improperLink, why: "\(error)")
            default: return failed(prepared.request, error)
            }
        }
    }
}

extension EngineContext {
    /// A claim that came to nothing: its record goes, the entry was never touched. False if it could not be removed.
    @discardableResult
    func discardClaim(_ run: RunID) -> Bool {
        do {
            try spool.discardRun(run)
            trash.expect()
        } catch {
            if error == .noSuchFileOrDirectory { return true }
            if !Hindrances.isPassing(error) {
                logger.warning("\(run): cannot remove the record of an empty claim: \(error)")
            }
            return false
        }
        return true
    }
}
