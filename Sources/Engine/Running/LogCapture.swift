internal import Glibc
internal import Linux
internal import Spool
internal import SystemPackage

/// Keeps a stream's first and last half of the log limit, in constant memory: the head in the log file itself, where
/// readers see it grow; the tail in a ring, an unlinked file. `finish` puts the tail behind the head.
struct LogCapture: ~Copyable, Sendable {
    private let file: OwnedDescriptor
    private let scratch: Directory
    /// Grows no more once something did not fit.
    private var headLimit: Int64
    private let tailLimit: Int64
    private let form: Form
    private var ring: OwnedDescriptor?
    /// Bytes that the script wrote.
    private(set) var total: Int64 = 0
    /// The first error of writing that does not pass; later bytes are only counted.
    private(set) var failure: Errno?
    /// What the disk has no room for at the moment, and why; nothing may be appended until `writePending` has written it.
    private var pending: [UInt8] = []
    private(set) var hindrance: Errno?

    /// What a log is made of.
    enum Form: Sendable {
        case bytes
        /// JSON objects, each appended whole with its newline: neither half begins or ends within one.
        case objects

        /// What stands between the halves.
        func gap(of bytes: Int64) -> String {
            switch self {
            case .bytes: "\n[bobbin: \(bytes) bytes are missing here]\n"
            case .objects: #"{"level":"warn","message":"[bobbin: \#(bytes) bytes are missing here]"}"# + "\n"
            }
        }
    }

    /// - Parameters:
    ///   - limit: bytes kept at most, the line between the halves not counted.
    ///   - scratch: a directory of Bobbin's own, on a filesystem with room for the tail.
    init(file: consuming OwnedDescriptor, limit: Int64, scratch: Directory, form: Form = .bytes) {
        self.file = file
        self.form = form
        self.scratch = scratch
        // At least one byte, since the ring's length is divided by.
        let limit = max(1, limit)
        headLimit = limit / 2
        tailLimit = limit - limit / 2
    }

    /// Whether something had to be left out.
    var isTruncated: Bool { total > headLimit + tailLimit }

    /// Takes bytes in; if there is no room for them now, `hindrance` says so afterwards, and they are kept.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if failure == nil { write(bytes) }
        if hindrance == nil { total += Int64(bytes.count) } else { pending = Array(bytes) }
    }

    /// Tries once more to write what there was no room for.
    mutating func writePending() {
        let bytes = pending
        (hindrance, pending) = (nil, [])
        bytes.withUnsafeBytes { append($0) }
    }

    /// Waits for room no longer: the log stays as it is.
    mutating func giveUp() {
        failure = failure ?? hindrance
        writePending()
    }

    /// What was written of it before an error is written once more at the same place by the next try.
    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        do {
            var room = max(0, min(headLimit - total, Int64(bytes.count)))
            if form == .objects, room < bytes.count, total < headLimit {
                // The first that does not fit ends the head; the limit of both stays.
                headLimit = total
                room = 0
            }
            if room > 0 {
                try writeAll(file.rawValue, UnsafeRawBufferPointer(rebasing: bytes[..<Int(room)]), at: total)
            }
            let rest = bytes[Int(room)...]
            if !rest.isEmpty { try appendToRing(UnsafeRawBufferPointer(rebasing: rest), at: total + room - headLimit) }
        } catch {
            if error.isScarcity { hindrance = error } else { failure = error }
        }
    }

    /// - Parameter position: how many bytes went to the ring before.
    private mutating func appendToRing(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(Errno) {
        if ring == nil { ring = try scratch.openUnnamed() }
        guard let descriptor = ring?.rawValue else { return }
        // Only what can still be in the tail at the end is written.
        let skipped = max(0, Int64(bytes.count) - tailLimit)
        var rest = bytes[Int(skipped)...]
        var offset = (position + skipped) % tailLimit
        while !rest.isEmpty {
            let length = min(Int64(rest.count), tailLimit - offset)
            try writeAll(descriptor, UnsafeRawBufferPointer(rebasing: rest.prefix(Int(length))), at: offset)
            rest = rest.dropFirst(Int(length))
            offset = (offset + length) % tailLimit
        }
    }

    /// Completes the log file, after the last byte. If the disk has no room for it, it may be called again.
    mutating func finish() throws(Errno) {
        if let failure { throw failure }
        guard let descriptor = ring?.rawValue else { return }
        var end = headLimit
        let inRing = total - headLimit
        if inRing > tailLimit {
            let oldest = inRing % tailLimit
            let torn = form == .objects ? try tornBytes(descriptor, from: oldest) : 0
            let gap = Array(form.gap(of: inRing - tailLimit + torn).utf8)
            try writeAll(file.rawValue, gap, at: end)
            end += Int64(gap.count)
            let start = oldest + torn
            if start < tailLimit { try copy(from: descriptor, start, length: tailLimit - start, to: &end) }
            let second = max(0, start - tailLimit)
            try copy(from: descriptor, second, length: oldest - second, to: &end)
        } else {
            try copy(from: descriptor, 0, length: inRing, to: &end)
        }
        ring = nil
    }

    /// How many bytes of the ring's oldest object are left of one whose beginning is gone.
    private func tornBytes(_ ring: Int32, from oldest: Int64) throws(Errno) -> Int64 {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var done: Int64 = 0
        while done < tailLimit {
            let position = (oldest + done) % tailLimit
            let wanted = Int(min(Int64(buffer.count), tailLimit - position, tailLimit - done))
            let read = try retrying {
                buffer.withUnsafeMutableBytes { pread(ring, $0.baseAddress, wanted, off_t(position)) }
            }
            if read == 0 { throw Errno.ioError }
            if let end = buffer[..<read].firstIndex(of: 0x0A) { return done + Int64(end) + 1 }
            done += Int64(read)
        }
        return tailLimit
    }

    private func copy(from ring: Int32, _ start: Int64, length: Int64, to end: inout Int64) throws(Errno) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var done: Int64 = 0
        while done < length {
            let wanted = Int(min(Int64(buffer.count), length - done))
            let read = try retrying {
                buffer.withUnsafeMutableBytes { pread(ring, $0.baseAddress, wanted, off_t(start + done)) }
            }
            if read == 0 { throw Errno.ioError }
            try writeAll(file.rawValue, Array(buffer[..<read]), at: end)
            done += Int64(read)
            end += Int64(read)
        }
    }
}
