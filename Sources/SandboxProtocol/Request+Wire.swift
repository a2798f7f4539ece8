internal import Linux

extension Request {
    /// The request as one message: version, number, verb, and what the verb takes.
    public func encoded(number: UInt64) -> [UInt8] {
        var writer = WireWriter()
        writer.put(protocolVersion)
        writer.put(number)
        writer.put(verb.rawValue)
        switch self {
        case .run(let sendsProgram): writer.put(sendsProgram)
        case .terminate(let run), .kill(let run): writer.put(run)
        case .claim(let queue, let name, let run, let newName):
            queue.encode(to: &writer)
            writer.put(name.bytes)
            run.encode(to: &writer)
            writer.put(newName.bytes)
        case .look(let queue, let name):
            queue.encode(to: &writer)
            writer.put(name.bytes)
        case .take(let run, let name, let form, let bytes, let entries):
            run.encode(to: &writer)
            writer.put(name.bytes)
            switch form {
            case .directory: writer.put(UInt8(0))
            case .script(let file):
                writer.put(UInt8(1))
                writer.put(file.bytes)
            case .archive: writer.put(UInt8(2))
            }
            writer.put(bytes)
            writer.put(entries)
        case .collect(let run, let result, let trash, let ownership, let bytes, let entries):
            run.encode(to: &writer)
            result.encode(to: &writer)
            writer.put(trash != nil)
            trash?.encode(to: &writer)
            ownership.encode(to: &writer)
            writer.put(bytes)
            writer.put(entries)
        case .sendBack(let run, let result, let ownership):
            run.encode(to: &writer)
            result.encode(to: &writer)
            ownership.encode(to: &writer)
        case .publish(let active, let outbox, let name, let ownership):
            active.encode(to: &writer)
            outbox.encode(to: &writer)
            writer.put(name.bytes)
            ownership.encode(to: &writer)
        case .remove(let place, let name):
            place.encode(to: &writer)
            writer.put(name.bytes)
        case .discard(let place, let name, let trash, let newName, let deletes):
            place.encode(to: &writer)
            writer.put(name.bytes)
            trash.encode(to: &writer)
            writer.put(newName.bytes)
            writer.put(deletes)
        case .copy(let place, let name, let target, let newName, let ownership):
            place.encode(to: &writer)
            writer.put(name.bytes)
            target.encode(to: &writer)
            writer.put(newName.bytes)
            ownership.encode(to: &writer)
        case .measure(let place, let name):
            place.encode(to: &writer)
            writer.put(name.bytes)
        case .sample(let place, let name, let bytes, let entries):
            place.encode(to: &writer)
            writer.put(name.bytes)
            writer.put(bytes)
            writer.put(entries)
        case .seal(let place, let bytes, let entries):
            place.encode(to: &writer)
            writer.put(bytes)
            writer.put(entries)
        case .makeDirectory(let place, let name, let mode, let model):
            place.encode(to: &writer)
            writer.put(name.bytes)
            writer.put(mode)
            model.encode(to: &writer)
        case .reap(let process):
            writer.put(process.pid)
            writer.put(process.startTime)
        case .probe, .controlGroup: break
        }
        return writer.bytes
    }

    /// Reads a message's number and request, trusting nothing in it.
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> (number: UInt64, request: Request) {
        var reader = WireReader(bytes)
        if try reader.number(UInt8.self) != protocolVersion { throw .invalid("version") }
        let number: UInt64 = try reader.number()
        guard let verb = Verb(rawValue: try reader.number()) else { throw .invalid("verb") }
        let request = try Request(verb, from: &reader)
        try reader.end()
        return (number, request)
    }

    /// The number of a message whose rest may be anything, so that a refusal can be addressed.
    public static func number(in bytes: [UInt8]) -> UInt64? {
        var reader = WireReader(bytes)
        guard (try? reader.number(UInt8.self)) != nil else { return nil }
        return try? reader.number()
    }

    private init(_ verb: Verb, from reader: inout WireReader) throws(WireError) {
        switch verb {
        case .run: self = .run(sendsProgram: try reader.flag("program"))
        case .terminate: self = .terminate(run: try reader.number())
        case .kill: self = .kill(run: try reader.number())
        case .claim:
            self = .claim(
                queue: try Place(from: &reader), name: try EntryName(from: &reader), run: try Place(from: &reader),
                newName: try EntryName(from: &reader))
        case .look: self = .look(queue: try Place(from: &reader), name: try EntryName(from: &reader))
        case .take:
            self = .take(
                run: try Place(from: &reader), name: try EntryName(from: &reader), form: try TakenForm(from: &reader),
                bytes: try reader.limit(), entries: try reader.limit())
        case .collect:
            self = .collect(
                run: try Place(from: &reader), result: try Place(from: &reader),
                trash: try reader.flag("trash") ? try Place(from: &reader) : nil,
                ownership: try FileOwnership(from: &reader), bytes: try reader.limit(), entries: try reader.limit())
        case .sendBack:
            self = .sendBack(
                run: try Place(from: &reader), result: try Place(from: &reader),
                ownership: try FileOwnership(from: &reader))
        case .publish:
            self = .publish(
                active: try Place(from: &reader), outbox: try Place(from: &reader), name: try EntryName(from: &reader),
                ownership: try FileOwnership(from: &reader))
        case .remove: self = .remove(place: try Place(from: &reader), name: try EntryName(from: &reader))
        case .discard:
            self = .discard(
                place: try Place(from: &reader), name: try EntryName(from: &reader), trash: try Place(from: &reader),
                newName: try EntryName(from: &reader), deletes: try reader.flag("deletes"))
        case .copy:
            self = .copy(
                place: try Place(from: &reader), name: try EntryName(from: &reader), target: try Place(from: &reader),
                newName: try EntryName(from: &reader), ownership: try FileOwnership(from: &reader))
        case .measure:
            self = .measure(place: try Place(from: &reader), name: try EntryName(from: &reader))
        case .sample:
            self = .sample(
                place: try Place(from: &reader), name: try EntryName(from: &reader), bytes: try reader.limit(),
                entries: try reader.limit())
        case .seal:
            self = .seal(place: try Place(from: &reader), bytes: try reader.limit(), entries: try reader.limit())
        case .makeDirectory:
            self = .makeDirectory(
                place: try Place(from: &reader), name: try EntryName(from: &reader), mode: try reader.mode(),
                model: try Place(from: &reader))
        case .reap:
            let process = ProcessIdentity(pid: try reader.number(), startTime: try reader.number())
            // 0 and negative ones would name groups, 1 the system's init.
            if process.pid <= 1 { throw .invalid("pid") }
            self = .reap(process)
        case .probe: self = .probe
        case .controlGroup: self = .controlGroup
        }
    }

    private enum Verb: UInt8 {
        case run = 1, terminate, kill, claim, take, collect, sendBack, publish, remove, makeDirectory, reap, probe, look
        case discard, copy, measure, sample, controlGroup, seal
    }

    private var verb: Verb {
        switch self {
        case .run: .run
        case .terminate: .terminate
        case .kill: .kill
        case .claim: .claim
        case .look: .look
        case .take: .take
        case .collect: .collect
        case .sendBack: .sendBack
        case .publish: .publish
        case .remove: .remove
        case .discard: .discard
        case .copy: .copy
        case .measure: .measure
        case .makeDirectory: .makeDirectory
        case .reap: .reap
        case .probe: .probe
        case .sample: .sample
        case .seal: .seal
        case .controlGroup: .controlGroup
        }
    }
}

/// The first byte of every message; daemon and launcher are installed together.
package let protocolVersion: UInt8 = 1

extension TakenForm {
    init(from reader: inout WireReader) throws(WireError) {
        switch try reader.number(UInt8.self) {
        case 0: self = .directory
        case 1: self = .script(try EntryName(from: &reader))
        case 2: self = .archive
        default: throw .invalid("form")
        }
    }
}

extension FileOwnership {
    func encode(to writer: inout WireWriter) {
        writer.put(owner)
        writer.put(group)
    }

    init(from reader: inout WireReader) throws(WireError) {
        owner = try reader.number()
        group = try reader.number()
        // To chown(2) it means 'leave it'.
        if owner == UInt32.max || group == UInt32.max { throw .invalid("owner") }
    }
}

extension WireReader {
    mutating func limit() throws(WireError) -> Int64 {
        let limit: Int64 = try number()
        if limit < 0 || limit > Int64.max / 2 { throw .invalid("limit") }
        return limit
    }

    /// Permission bits with the group's set-id bit, which a queue's directories hand down; never another set-id bit.
    mutating func mode() throws(WireError) -> UInt32 {
        let mode: UInt32 = try number()
        if mode & ~0o2777 != 0 { throw .invalid("mode") }
        return mode
    }
}
