// From a claim to a waiting job, or to a rejection. The dropped entry, `sent`, still belongs to whoever dropped it, who may hold
// descriptors into it: it is copied first, the copy is judged, and the copy is what runs. Doing all of it again after a crash is
// harmless: it begins by removing what an earlier try left.

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
internal import Trees

struct Acceptance: Sendable {
    let context: EngineContext
    let scheduler: Scheduler
    /// Bundles that are claimed, and wait for room.
    let hindered = HinderedBundles()

    /// Why a claimed drop does not become a job.
    enum Refusal: Error {
        case rejected([BundleError])
        /// It is a bundle, and its input is not as its schema says.
        case invalidInput(Job, [BundleError])
        /// The same content under the same run id: it was or will be run already.
        case duplicate(of: RunID)
    }

    /// Returns when it is a job, or has its result; or when the daemon stops, and the next one judges it.
    ///
    /// A bundle that there is no room for waits without a place, so that smaller ones go by.
    ///
    /// - Parameters:
    ///   - places: One of them was taken for it.
    ///   - tried: Called once, when it need not be waited for any longer.
    func accept(_ claimed: Claimer.Claimed, in places: AsyncPlaces, tried: () async -> Void) async {
        var wait: RoomWait?
        while true {
            let hindrance = await acceptOnce(claimed, hasWaited: wait != nil)
            places.giveBack()
            if wait == nil { await tried() }
            guard let hindrance else { break }
            if wait == nil { hindered.add(claimed.claim.run) }
            var next = wait ?? RoomWait(context: context, claim: claimed.claim)
            if let reason = await next.neverFits(hindrance) {
                await errored(claimed, reason)
                break
            }
            context.hindrances.begin(
                .accepting, "taking over \(claimed.claim.queue)/\(claimed.claim.entry) (\(claimed.claim.run))",
                hindrance)
            guard await next.wait(scheduler) else { return }
            wait = next
            await places.take()
        }
        if hindered.remove(claimed.claim.run) { context.hindrances.end(.accepting) }
    }

    private func errored(_ claimed: Claimer.Claimed, _ reason: String) async {
        var status = refusal(of: claimed.claim, .errored)
        status.reason = reason
        await reject(claimed.claim, status)
    }

    /// Why it has to wait; nil if it need not.
    ///
    /// - Parameter hasWaited: Then a wish to end it is granted at once. Else it is judged first: what is no bundle is `rejected`,
    ///   and what is cancelled has the manifest that was applied.
    private func acceptOnce(_ claimed: Claimer.Claimed, hasWaited: Bool) async -> (any Error)? {
        let claim = claimed.claim
        let owner = context.owners.name(of: claim.owner)
        var status = refusal(of: claim, .rejected)
        do {
            if hasWaited, let asker = await scheduler.canceller(of: claim.run, owner: claim.owner) {
                status.state = .cancelled
                status.reason = "cancelled by \(asker) before it began"
                await reject(claim, status)
                return nil
            }
            let job = try await context.launcher.again {
                try await judge(claimed, owner: owner, &status)
            }
            await scheduler.submit(job)
            return nil
        } catch Refusal.duplicate(let run) {
            context.logger.notice(
                "\(claim.queue)/\(claimed.drop.entry): run \(run) is known with the same content; this copy is removed"
            )
            await context.audit(.duplicate, by: claim.owner, queue: claim.queue, run: run, "refused")
            removeDuplicate(claim)
            return nil
        } catch Refusal.rejected(let errors) {
            status.errors = errors
            status.reason = Self.reason(errors)
            await reject(claim, status)
            return nil
        } catch Refusal.invalidInput(let job, let errors) {
            var status = job.status(.invalidInput)
            status.errors = errors
            status.reason = Self.reason(errors)
            await scheduler.publish(Publisher.Ended(job, status, hasRun: false))
            return nil
        } catch is LauncherError where context.launcher.isGone {
            // Its record says that it is claimed: the next start judges it.
            return nil
        } catch  where Hindrances.isPassing(error) {
            return error
        } catch {
            context.logger.error("\(claim.run): cannot take over \(claim.queue)/\(claimed.drop.entry): \(error)")
            status.state = .errored
            status.reason = "it could not be taken over: \(Runner.reason(error)); then send it again"
            await reject(claim, status)
            return nil
        }
    }

    /// All of them in a sentence.
    static func reason(_ errors: [BundleError]) -> String? {
        errors.first.map { errors.count == 1 ? $0.description : "\($0), and \(errors.count - 1) more" }
    }

    /// What is known of a bundle that does not become a job.
    private func refusal(of claim: RunRecord.Claim, _ state: RunState) -> RunStatus {
        var status = RunStatus(
            run: claim.run, name: claim.name, queue: claim.queue, state: state,
            owner: context.owners.name(of: claim.owner), submittedAt: claim.submittedAt)
        status.parentRun = claim.replay?.parent
        return status
    }

    private func reject(_ claim: RunRecord.Claim, _ status: RunStatus) async {
        if claim.again != nil {
            // The claim left the link alone; a later drop of the name may have been published since.
            let newest = try? await context.history.newestRun(queue: claim.queue, name: claim.name)
            context.links.adopt(claim, newestKnown: newest?.claim)
        }
        await scheduler.publish(Publisher.Ended(refused: claim, status))
    }

    private func removeDuplicate(_ claim: RunRecord.Claim) {
        do {
            try context.spool.discardRun(claim.run)
            context.trash.expect()
        } catch {
            context.logger.warning("\(claim.run): cannot remove a duplicate: \(error)")
        }
    }

    private func judge(_ claimed: Claimer.Claimed, owner: String, _ status: inout RunStatus) async throws -> Job {
        let claim = claimed.claim
        let settings = context.settings.value
        let directory = try context.spool.runDirectory(claim.run)
        try await takeOptions(claim, directory)
        if !claimed.errors.isEmpty { throw Refusal.rejected(claimed.errors) }
        let sent = try directory.directory.status(of: SpoolLayout.Run.sent)
        guard sent.kind == .directory || sent.kind == .regular else {
            throw Refusal.rejected([
                BundleError(
                    code: "special_file",
                    message: "'\(claim.entry)' is a \(sent.kind.word); a bundle is a directory, an archive or a script")
            ])
        }
        // What an earlier try left, cut off by a crash; `take` itself removes what is in its own way.
        if directory.directory.has(SpoolLayout.Run.bundle) {
            try await context.launcher.remove(SpoolLayout.Run.bundle, in: .run(claim.run))
        }
        let drop = DropName(
            claim.entry, isDirectory: sent.kind == .directory, endings: settings.scriptEndings)
        let taken = try await takeOver(claim, drop, directory, settings.intake)
        status.bundleSHA256 = taken.hash
        let tree = try directory.directory.directory(SpoolLayout.Run.takenOver)
        let sha256 = try taken.sha256(of: tree)
        status.bundleSHA256 = sha256
        if let again = claim.again { try await compare(again, sha256) }
        if let replay = claim.replay, replay.bundleSHA256 != sha256 {
            throw Refusal.rejected([
                BundleError(
                    code: "bundle_changed",
                    message: "the archived bundle of \(replay.parent) is not what was sent any more; send it again")
            ])
        }
        let options = try options(directory)
        let judgement = try BundleJudge(queue: claim.queue, settings: settings)
            .judge(
                tree, name: options.name ?? claim.name, script: taken.script,
                input: options.input.map { Array($0.utf8) },
                applied: claim.replay?.manifest.map { Array($0.utf8) })
        guard case .accepted(var manifest, let notes) = judgement else {
            if case .rejected(let errors) = judgement { throw Refusal.rejected(errors) }
            throw Refusal.rejected([])
        }
        manifest.account = manifest.account ?? owner
        for note in notes { context.logger.notice("\(claim.queue)/\(claim.name).\(claim.run): \(note)") }
        let accepted = RunRecord.Accepted(
            bundleSHA256: sha256, manifest: manifest.json(pretty: false), bundleBytes: taken.bytes)
        try directory.completeBundle()
        let job = Job(
            claim: claim, accepted: accepted, manifest: manifest, ownerName: owner, takenAt: claimed.takenAt)
        let wrong = try await SchemaCheck(context: context, directory: directory).judge(manifest)
        if !wrong.schemas.isEmpty { throw Refusal.rejected(wrong.schemas) }
        // Not noted as waiting: whatever comes between, such a bundle is never started.
        if wrong.input.isEmpty { try directory.note(.queued(accepted)) }
        try await show(job)
        if !wrong.input.isEmpty { throw Refusal.invalidInput(job, wrong.input) }
        return job
    }

    /// Makes what readers see of a waiting run.
    func show(_ job: Job) async throws {
        let queue = try await context.queues.openResults(job.claim.queue)
        let result = try context.spool.resultDirectory(job.claim.name, job.run, in: queue.active)
        try result.write(manifest: job.manifest.json())
        try result.write(job.status(.queued))
    }

    struct Taken {
        /// The script's name, where it is one.
        var script: EntryName?
        /// The hash of the sent file, where it was one.
        var hash: String?
        /// What will be kept of it in the archive, in bytes on disk, about.
        var bytes: Int64

        /// - Parameter tree: what it was made into.
        func sha256(of tree: Directory) throws(Errno) -> String {
            if let hash { hash } else { try ContentHash.ofTree(tree) }
        }
    }

    /// Copies or unpacks what was sent to `bundle.tmp`.
    func takeOver(
        _ claim: RunRecord.Claim, _ drop: DropName, _ directory: RunDirectory, _ limits: Settings.Intake
    ) async throws -> Taken {
        func take(_ name: EntryName, _ form: TakenForm) async throws -> Int64 {
            let report = try await context.launcher.take(
                .run(claim.run), as: name, form: form, maxBytes: limits.maxBundleSize,
                maxEntries: limits.maxBundleEntries)
            try Self.check(report)
            // A block each for what is in it, and for its directory, its record and what else is noted of the run.
            return report.bytes + Int64(report.entries + 4) * 4096
        }
        switch drop.form {
        case .directory: return Taken(bytes: try await take(SpoolLayout.Run.takenOver, .directory))
        case .archive(let format):
            let bytes = try await take(SpoolLayout.Run.archive, .archive)
            let archive = try directory.directory.open(SpoolLayout.Run.archive, O_RDONLY)
            let hash = try ContentHash.ofFile(archive.rawValue)
            let report = try await Unpacking(context: context).unpack(claim.run, format, directory, limits)
            try Self.check(report)
            return Taken(hash: hash, bytes: bytes)
        case .script, .file:
            let bytes = try await take(SpoolLayout.Run.takenOver, .script(drop.file))
            let tree = try directory.directory.directory(SpoolLayout.Run.takenOver)
            let file = try tree.open(drop.file, O_RDONLY)
            return Taken(script: drop.file, hash: try ContentHash.ofFile(file.rawValue), bytes: bytes)
        }
    }

    private static func check(_ report: TreeReport) throws {
        if report.isClean { return }
        var errors = report.problems.map {
            BundleError(code: $0.code.rawValue, message: $0.detail, file: $0.path.isEmpty ? nil : escaped($0.path))
        }
        let more = report.problemCount - errors.count
        if more > 0 { errors.append(BundleError(code: "more", message: "and \(more) more of these")) }
        throw Refusal.rejected(errors)
    }

    /// A run id that was used before: the same content is a copy sent again, another is a mistake.
    private func compare(_ run: RunID, _ sha256: String) async throws {
        var known = try await context.history.knows(run)?.bundleSHA256
        if known == nil, let record = try? context.spool.runDirectory(run).readRecord() {
            known = record.accepted?.bundleSHA256
            if known == nil, case .finished(_, let status) = record.progress { known = status.bundleSHA256 }
        }
        if known == sha256 { throw Refusal.duplicate(of: run) }
        throw Refusal.rejected([
            BundleError(
                code: "run_id_used", message: "run id \(run) was used before, for another content; choose a new one")
        ])
    }
}
