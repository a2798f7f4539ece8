import Linux
import Runs
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("A run's own record")
struct RunRecordTests {
    static let run = RunID.new()

    static func claim() throws -> RunRecord.Claim {
        var claim = RunRecord.Claim(
            run: run, queue: try #require(QueueName("default")), name: try #require(BundleName("report")),
            entry: EntryName(bytes: [0x72, 0xFF, 0x0A, 0x22]), sequence: 17, submittedAt: Timestamp(milliseconds: 123),
            owner: .max, group: 7)
        claim.oldLink = Array("report.X".utf8) + [0xFE]
        claim.again = RunID.new()
        return claim
    }

    static func status(_ state: RunState) throws -> RunStatus {
        var status = RunStatus(
            run: run, name: try #require(BundleName("report")), queue: try #require(QueueName("default")), state: state,
            owner: "anna \"é\"\n", submittedAt: Timestamp(milliseconds: 123))
        status.reason = "it\u{2028}said \\ so"
        status.wallMilliseconds = 12
        return status
    }

    /// A whole life: the steps, and the record after each.
    static func life() throws -> [(step: RunRecord.Step, record: RunRecord)] {
        var record = RunRecord(claim: try claim())
        var life: [(RunRecord.Step, RunRecord)] = [(.claimed(record.claim), record)]
        func add(_ step: RunRecord.Step, _ progress: RunRecord.Progress) {
            record.progress = progress
            life.append((step, record))
        }
        let accepted = RunRecord.Accepted(bundleSHA256: "ab", manifest: #"{"title":"x\n"}"#)
        add(.queued(accepted), .queued(accepted))
        var attempt = RunRecord.Attempt(number: 1, startedAt: Timestamp(milliseconds: 200), waitMilliseconds: 5)
        add(.running(attempt), .running(accepted, attempt))
        attempt.process = RunRecord.Process(pid: 4711, startTime: 99_999)
        add(.started(RunRecord.Process(pid: 4711, startTime: 99_999)), .running(accepted, attempt))
        let ending = RunRecord.Ending(status: try status(.failed))
        add(.ended(ending), .ended(accepted, attempt, ending))
        let wait = RunRecord.Wait(
            milliseconds: 500, uptime: Uptime(bootID: "b-1", milliseconds: 77), until: Timestamp(milliseconds: 999))
        record.earlier = [try status(.failed)]
        add(.retrying(try status(.failed), wait), .retrying(accepted, wait))
        attempt = RunRecord.Attempt(number: 2, startedAt: Timestamp(milliseconds: 1100), waitMilliseconds: 6)
        add(.running(attempt), .running(accepted, attempt))
        // Interrupted before it was known how it ended.
        record.earlier.append(try status(.interrupted))
        add(.retrying(try status(.interrupted), wait), .retrying(accepted, wait))
        add(.finished(try status(.failed)), .finished(accepted, try status(.failed)))
        return life
    }

    @Test("Each step says what it is to say")
    func steps() throws {
        var bytes: [UInt8] = []
        for (step, record) in try Self.life() {
            let line = RunRecord.line(step)
            #expect(line.last == 0x0A)
            #expect(line.filter { $0 == 0x0A }.count == 1)
            bytes += line
            let read = try #require(RunRecord.reading(bytes))
            #expect(read.record == record)
            #expect(read.wholeBytes == bytes.count)
        }
    }

    @Test("Cut at any byte, a record says what its whole lines say")
    func truncated() throws {
        let life = try Self.life()
        var bytes: [UInt8] = []
        var ends: [(Int, RunRecord)] = []
        for (step, record) in life {
            bytes += RunRecord.line(step)
            ends.append((bytes.count, record))
        }
        for length in 0...bytes.count {
            let read = RunRecord.reading(Array(bytes[..<length]))
            let whole = ends.last { $0.0 <= length }
            #expect(read?.record == whole?.1)
            #expect(read?.wholeBytes == whole?.0)
        }
    }

    @Test("A byte that a disk turned loses at most what comes after it, and crashes nobody")
    func turned() throws {
        let life = try Self.life()
        let bytes = life.flatMap { RunRecord.line($0.step) }
        let known = Set(life.map(\.record.progress))
        for index in bytes.indices {
            var turned = bytes
            turned[index] = ([0x00, 0x0A, 0x22, 0x7B, 0xFF] as [UInt8])[index % 5]
            guard let read = RunRecord.reading(turned) else { continue }
            #expect(read.wholeBytes <= turned.count)
            if index >= read.wholeBytes { #expect(known.contains(read.record.progress)) }
        }
    }

    @Test("A run that never ran can be finished from every step")
    func finishedEarly() throws {
        for (index, (_, record)) in try Self.life().enumerated() {
            let steps = try Self.life()[...index].map(\.step) + [.finished(Self.status(.rejected))]
            let read = try #require(RunRecord.reading(steps.flatMap { RunRecord.line($0) }))
            #expect(read.record.progress == .finished(record.accepted, try Self.status(.rejected)))
        }
    }

    @Test("What was accepted can come with the end, of a run that never waited")
    func finishedAtOnce() throws {
        let accepted = RunRecord.Accepted(bundleSHA256: "ab", manifest: #"{"title":"x"}"#, bundleBytes: 7)
        let status = try Self.status(.invalidInput)
        let steps = [RunRecord.Step.claimed(try Self.claim()), .finished(status, accepted), .finished(status)]
        for count in 2...3 {
            let read = try #require(RunRecord.reading(steps.prefix(count).flatMap { RunRecord.line($0) }))
            #expect(read.record.progress == .finished(accepted, status))
            // It left nothing: that is believed whatever was flushed.
            #expect(read.record.afterPowerCut(flushes: 0) == read.record)
        }
    }

    @Test("A step that is not known, or is out of order, ends what is believed")
    func unknown() throws {
        let claimed = RunRecord.line(.claimed(try Self.claim()))
        for line in [
            "{\"step\":\"newer\"}\n", "{\"step\":\"running\",\"attempt\":1,\"started_at\":1,\"wait\":0}\n", "{}\n",
            "\n",
            "null\n", "{\"step\":\"queued\"}\n", "{\"step\":\"finished\",\"status\":\"{}\"}\n",
            "{\"step\":\"started\",\"pid\":99999999999,\"start_time\":-1}\n",
        ] {
            let read = try #require(RunRecord.reading(claimed + Array(line.utf8)))
            #expect(read.wholeBytes == claimed.count)
            #expect(read.record.progress == .claimed)
        }
        for text in ["", "\n", "{}\n", "{\"step\":\"claimed\"}\n", "{\"step\":\"finished\"}\n"] {
            #expect(RunRecord.reading(Array(text.utf8)) == nil)
        }
    }

    @Test("Another attempt may follow one that ended")
    func retried() throws {
        let life = try Self.life()
        let second = RunRecord.Attempt(number: 2, startedAt: Timestamp(milliseconds: 900), waitMilliseconds: 0)
        let steps = life.dropLast().map(\.step) + [.running(second)]
        let read = try #require(RunRecord.reading(steps.flatMap { RunRecord.line($0) }))
        #expect(read.record.progress == .running(try #require(life[1].record.accepted), second))
    }

    @Test("Reading a record changes nothing; mending it cuts a torn line off, and what is noted next counts")
    func onDisk() throws {
        let scratch = try Scratch()
        let spool = try Spool(preparing: scratch.path)
        let directory = try spool.makeRunDirectory(Self.run)
        #expect(try directory.readRecord() == nil)
        #expect(try directory.mendRecord() == nil)
        let life = try Self.life()
        try directory.note(life[0].step)
        let torn = Array(RunRecord.line(life[1].step).dropLast(3))
        let before = try directory.directory.read("run.json", limit: 1 << 20)
        try directory.directory.replace("run.json", with: before + torn)
        #expect(try directory.readRecord() == life[0].record)
        #expect(try directory.directory.status(of: "run.json").size == Int64(before.count + torn.count))
        #expect(try directory.mendRecord() == life[0].record)
        #expect(try directory.directory.status(of: "run.json").size == Int64(before.count))
        for (step, _) in life.dropFirst() { try directory.note(step) }
        #expect(try directory.mendRecord() == life.last?.record)
    }

    @Test("Name servers of the host are copied as they are")
    func nameServers() throws {
        let scratch = try Scratch()
        let directory = try Spool(preparing: scratch.path).makeRunDirectory(Self.run)
        try directory.copyNameServers()
        let etc = try Directory(path: "/etc")
        // Where it is a plain file there is something to compare with.
        if let host = try? etc.read("resolv.conf", limit: 65536) {
            #expect(try directory.directory.read("resolv.conf", limit: 65536) == host)
        }
    }

    /// What another boot believes of each step, if no flush covers it.
    @Test("After a power cut only what was flushed counts")
    func afterPowerCut() throws {
        let accepted = RunRecord.Accepted(bundleSHA256: "ab", manifest: "{}")
        var attempt = RunRecord.Attempt(number: 2, startedAt: Timestamp(milliseconds: 9), waitMilliseconds: 4)
        let bare = attempt
        attempt.process = RunRecord.Process(pid: 1, startTime: 2)
        var begun = try Self.status(.failed)
        begun.startedAt = Timestamp(milliseconds: 9)
        begun.attempt = 2
        begun.waitMilliseconds = 4
        let never = try Self.status(.cancelled)
        let ending = RunRecord.Ending(status: begun)
        let steps: [(RunRecord.Progress, RunRecord.Progress)] = [
            (.claimed, .claimed),
            (.queued(accepted), .queued(accepted)),
            (.running(accepted, attempt), .running(accepted, bare)),
            (.ended(accepted, attempt, ending), .running(accepted, bare)),
            (.finished(accepted, begun), .running(accepted, bare)),
            (.finished(accepted, never), .finished(accepted, never)),
            (.finished(nil, never), .claimed),
        ]
        for (before, after) in steps {
            var record = RunRecord(claim: try Self.claim())
            record.progress = before
            record.flush = 8
            #expect(record.afterPowerCut(flushes: 7).progress == after, "\(before)")
            guard case .finished = before else { continue }
            #expect(record.afterPowerCut(flushes: 8).progress == before)
            record.flush = nil
            #expect(record.afterPowerCut(flushes: 8).progress == after)
        }
    }

    @Test("A final status says which flush covers it, and a result that is not trusted runs on")
    func flush() throws {
        let accepted = RunRecord.Accepted(bundleSHA256: "ab", manifest: "{}")
        let attempt = RunRecord.Attempt(number: 1, startedAt: Timestamp(milliseconds: 9), waitMilliseconds: 4)
        let status = try Self.status(.failed)
        var bytes = RunRecord.line(.claimed(try Self.claim())) + RunRecord.line(.queued(accepted))
        bytes += RunRecord.line(.finished(status), flush: 17)
        let record = try #require(RunRecord.reading(bytes)?.record)
        #expect(record.flush == 17)
        #expect(record.isCovered(by: 17) && !record.isCovered(by: 16))
        bytes += RunRecord.line(.running(attempt))
        #expect(RunRecord.reading(bytes)?.record.progress == .running(accepted, attempt))
    }
}
