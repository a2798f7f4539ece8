extension Reply {
    /// The reply as one message: version, the request's number, kind, and what belongs to the kind.
    public func encoded(number: UInt64) -> [UInt8] {
        var writer = WireWriter()
        writer.put(protocolVersion)
        writer.put(number)
        switch self {
        case .done: writer.put(UInt8(1))
        case .failed(let errno, let subject):
            writer.put(UInt8(2))
            writer.put(errno)
            writer.put(subject)
        case .refused(let why):
            writer.put(UInt8(3))
            writer.put(why)
        case .claimed(let entry):
            writer.put(UInt8(4))
            entry.encode(to: &writer)
        case .report(let bytes):
            writer.put(UInt8(5))
            writer.put(bytes)
        case .longReport: writer.put(UInt8(11))
        case .published(let before, let bytes):
            writer.put(UInt8(6))
            writer.put(before)
            writer.put(bytes)
        case .started(let process, let enforced):
            writer.put(UInt8(7))
            writer.put(process.pid)
            writer.put(process.startTime)
            writer.put(UInt8(truncatingIfNeeded: enforced.count))
            for held in enforced {
                writer.put(held.what)
                writer.put(held.by)
            }
        case .notStarted(let step, let errno):
            writer.put(UInt8(8))
            writer.put(step.rawValue)
            writer.put(errno)
        case .ended(let end, let usage):
            writer.put(UInt8(9))
            end.encode(to: &writer)
            writer.put(usage.userMicroseconds)
            writer.put(usage.systemMicroseconds)
            writer.put(usage.maxResidentBytes)
            writer.put(usage.outOfMemory?.rawValue ?? 0)
        case .sampled(let bytes, let entries):
            writer.put(UInt8(13))
            writer.put(bytes)
            writer.put(entries)
        case .controlGroup(let report):
            writer.put(UInt8(14))
            report.encode(to: &writer)
        case .looked(let look):
            writer.put(UInt8(12))
            writer.put(look != nil)
            look?.encode(to: &writer)
        case .probed(let results):
            writer.put(UInt8(10))
            writer.put(UInt8(truncatingIfNeeded: results.count))
            for result in results {
                writer.put(result.what)
                writer.put(result.errno)
            }
        }
        return writer.bytes
    }

    /// Reads a message's number and reply, trusting nothing in it.
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> (number: UInt64, reply: Reply) {
        var reader = WireReader(bytes)
        if try reader.number(UInt8.self) != protocolVersion { throw .invalid("version") }
        let number: UInt64 = try reader.number()
        let reply = try Reply(from: &reader)
        try reader.end()
        return (number, reply)
    }

    private init(from reader: inout WireReader) throws(WireError) {
        switch try reader.number(UInt8.self) {
        case 1: self = .done
        case 2: self = .failed(errno: try reader.number(), subject: try reader.text("subject"))
        case 3: self = .refused(try reader.text("reason"))
        case 4: self = .claimed(try ClaimedEntry(from: &reader))
        case 5: self = .report(try reader.string())
        case 6: self = .published(before: try reader.flag("before"), bytes: try reader.number())
        case 7:
            let process = ProcessIdentity(pid: try reader.number(), startTime: try reader.number())
            var enforced: [Enforcement] = []
            for _ in 0..<(try reader.number(UInt8.self)) {
                enforced.append(Enforcement(what: try reader.text("what"), by: try reader.text("by")))
            }
            self = .started(process, enforced: enforced)
        case 8: self = .notStarted(try SandboxStep(from: &reader), errno: try reader.number())
        case 9:
            let end = try SandboxEnd(from: &reader)
            var usage = SandboxUsage(
                userMicroseconds: try reader.number(), systemMicroseconds: try reader.number(),
                maxResidentBytes: try reader.number())
            let shortage = try reader.number(UInt8.self)
            usage.outOfMemory = MemoryShortage(rawValue: shortage)
            if shortage != 0, usage.outOfMemory == nil { throw .invalid("memory") }
            self = .ended(end, usage)
        case 10:
            var results: [ProbeResult] = []
            for _ in 0..<(try reader.number(UInt8.self)) {
                results.append(ProbeResult(what: try reader.text("what"), errno: try reader.number()))
            }
            self = .probed(results)
        case 11: self = .longReport
        case 12: self = .looked(try reader.flag("look") ? try DropLook(from: &reader) : nil)
        case 13: self = .sampled(bytes: try reader.number(), entries: try reader.number())
        case 14: self = .controlGroup(try ControlGroupReport(from: &reader))
        default: throw .invalid("kind")
        }
    }
}

extension SandboxStep {
    package init(from reader: inout WireReader) throws(WireError) {
        guard let step = SandboxStep(rawValue: try reader.number()) else { throw .invalid("step") }
        self = step
    }
}

extension SandboxEnd {
    package func encode(to writer: inout WireWriter) {
        switch self {
        case .exited(let code):
            writer.put(UInt8(0))
            writer.put(code)
        case .signalled(let signal):
            writer.put(UInt8(1))
            writer.put(signal)
        case .failed(let step, let errno):
            writer.put(UInt8(2))
            writer.put(step.rawValue)
            writer.put(errno)
        case .killed: writer.put(UInt8(3))
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.number(UInt8.self) {
        case 0: self = .exited(code: try reader.number())
        case 1: self = .signalled(try reader.number())
        case 2: self = .failed(try SandboxStep(from: &reader), errno: try reader.number())
        case 3: self = .killed
        default: throw .invalid("end")
        }
    }
}
