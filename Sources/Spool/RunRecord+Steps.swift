internal import FoundationEssentials
internal import Linux
public import Runs

extension RunRecord {
    /// The line that says a step, with its newline.
    ///
    /// - Parameter flush: with a final status, the flush that is to cover it.
    public static func line(_ step: Step, flush: Int64? = nil) -> [UInt8] {
        var object = JSONWriter()
        switch step {
        case .claimed(let claim):
            object.add("step", "claimed")
            object.add("format", 1)
            object.add("run", claim.run.description)
            object.add("queue", claim.queue.description)
            object.add("name", claim.name.description)
            object.add("entry", hex(claim.entry.bytes))
            object.add("sequence", claim.sequence)
            if let link = claim.oldLink { object.add("old_link", hex(link)) }
            if let again = claim.again { object.add("again", again.description) }
            object.add("submitted_at", claim.submittedAt.milliseconds)
            object.add("owner", Int64(claim.owner))
            object.add("group", Int64(claim.group))
            if let replay = claim.replay {
                object.add("parent", replay.parent.description)
                object.add("bundle_sha256", replay.bundleSHA256)
                if let manifest = replay.manifest { object.add("manifest", manifest) }
            }
        case .queued(let accepted):
            object.add("step", "queued")
            add(accepted, to: &object)
        case .running(let attempt):
            object.add("step", "running")
            object.add("attempt", Int64(attempt.number))
            object.add("started_at", attempt.startedAt.milliseconds)
            object.add("wait", attempt.waitMilliseconds)
        case .started(let process):
            object.add("step", "started")
            object.add("pid", Int64(process.pid))
            object.add("start_time", Int64(clamping: process.startTime))
        case .ended(let ending):
            object.add("step", "ended")
            object.add("status", ending.status.json(pretty: false))
        case .retrying(let status, let wait):
            object.add("step", "retrying")
            object.add("status", status.json(pretty: false))
            object.add("wait", wait.milliseconds)
            object.add("until", wait.until.milliseconds)
            object.add("boot", wait.uptime.bootID)
            object.add("uptime", wait.uptime.milliseconds)
        case .finished(let status, let accepted):
            object.add("step", "finished")
            object.add("status", status.json(pretty: false))
            if let accepted { add(accepted, to: &object) }
            if let flush { object.add("flush", flush) }
        }
        return Array((object.finished() + "\n").utf8)
    }

    private static func add(_ accepted: Accepted, to object: inout JSONWriter) {
        object.add("bundle_sha256", accepted.bundleSHA256)
        object.add("manifest", accepted.manifest)
        if let bytes = accepted.bundleBytes { object.add("bundle_bytes", bytes) }
    }

    /// One line of a record.
    public enum Step: Sendable, Hashable {
        case claimed(Claim)
        case queued(Accepted)
        case running(Attempt)
        case started(Process)
        case ended(Ending)
        case retrying(RunStatus, Wait)
        /// With what intake found out, where it has not waited.
        case finished(RunStatus, Accepted? = nil)
    }

    /// What the lines of a record say together, and how many of its bytes are whole lines; nil if not even the claim is.
    public static func reading(_ bytes: [UInt8]) -> (record: RunRecord, wholeBytes: Int)? {
        var record: RunRecord?
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes[start..<end])) else { break }
            if line.step == "claimed" {
                guard let claim = line.claim else { return nil }
                record = RunRecord(claim: claim)
            } else {
                guard record != nil, record?.apply(line) == true else { break }
            }
            start = end + 1
        }
        return record.map { ($0, start) }
    }

    private mutating func apply(_ line: Line) -> Bool {
        switch (line.step, progress) {
        // After `running`: nothing was executed, and it waits again.
        case ("queued", .claimed), ("queued", .queued), ("queued", .running):
            guard let accepted = line.accepted else { return false }
            progress = .queued(accepted)
        case ("running", .queued(let accepted)), ("running", .retrying(let accepted, _)),
            ("running", .ended(let accepted, _, _)), ("running", .running(let accepted, _)),
            // After a power cut: its result is not to be trusted.
            ("running", .finished(let accepted?, _)):
            guard let attempt = line.attemptStart else { return false }
            progress = .running(accepted, attempt)
        case ("started", .running(let accepted, var attempt)):
            guard let pid = line.pid, let startTime = line.start_time else { return false }
            attempt.process = Process(pid: pid, startTime: startTime)
            progress = .running(accepted, attempt)
        case ("ended", .running(let accepted, let attempt)):
            guard let status = line.runStatus else { return false }
            progress = .ended(accepted, attempt, Ending(status: status))
        case ("retrying", .queued(let accepted)), ("retrying", .retrying(let accepted, _)),
            ("retrying", .ended(let accepted, _, _)), ("retrying", .running(let accepted, _)):
            guard let status = line.runStatus, let wait = line.retryWait else { return false }
            earlier.append(status)
            progress = .retrying(accepted, wait)
        case ("finished", _):
            guard let status = line.runStatus else { return false }
            progress = .finished(line.accepted ?? accepted, status)
            flush = line.flush
        default: return false
        }
        return true
    }

    /// What intake found out, once it has.
    public var accepted: Accepted? {
        switch progress {
        case .claimed: nil
        case .queued(let accepted), .running(let accepted, _), .ended(let accepted, _, _),
            .retrying(let accepted, _):
            accepted
        case .finished(let accepted, _): accepted
        }
    }

    // The names are the file's own.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Line: Decodable {
        var step: String
        var format: Int?
        var run, queue, name, entry, old_link, again, parent, bundle_sha256, manifest, status, boot: String?
        var sequence, submitted_at, started_at, wait, bundle_bytes, until, uptime, flush: Int64?
        var owner, group: UInt32?
        var attempt: Int?
        var pid: Int32?
        var start_time: UInt64?

        var claim: Claim? {
            guard format == 1, let run = run.flatMap({ RunID($0) }), let queue = queue.flatMap({ QueueName($0) }),
                let name = name.flatMap({ BundleName($0) }), let entry = entry.flatMap(RunRecord.bytes), let sequence,
                let submitted_at, let owner, let group
            else { return nil }
            // It may be put back into its inbox under this name.
            if !EntryName(bytes: entry).isSafe { return nil }
            var claim = Claim(
                run: run, queue: queue, name: name, entry: EntryName(bytes: entry), sequence: sequence,
                submittedAt: Timestamp(milliseconds: submitted_at), owner: owner, group: group)
            claim.oldLink = old_link.flatMap(RunRecord.bytes)
            claim.again = again.flatMap { RunID($0) }
            if let parent {
                // Half of it would make another run of it.
                guard let parent = RunID(parent), let bundle_sha256 else { return nil }
                claim.replay = Replay(parent: parent, bundleSHA256: bundle_sha256, manifest: manifest)
            }
            return claim
        }

        var accepted: Accepted? {
            guard let bundle_sha256, let manifest else { return nil }
            return Accepted(bundleSHA256: bundle_sha256, manifest: manifest, bundleBytes: bundle_bytes)
        }

        var attemptStart: Attempt? {
            guard let attempt, let started_at, let wait else { return nil }
            return Attempt(
                number: attempt, startedAt: Timestamp(milliseconds: started_at), waitMilliseconds: wait)
        }

        var retryWait: Wait? {
            guard let wait, let until, let boot, let uptime else { return nil }
            return Wait(
                milliseconds: wait, uptime: Uptime(bootID: boot, milliseconds: uptime),
                until: Timestamp(milliseconds: until))
        }

        var runStatus: RunStatus? { status.flatMap { RunStatus(json: Array($0.utf8)) } }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        var text = ""
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        return text
    }

    private static func bytes(fromHex text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
