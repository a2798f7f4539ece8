internal import Glibc
internal import Linux
internal import Spool
internal import SystemPackage

/// Keeps a stream's first and last half of the log limit, in constant memory: the head in the log file itself, where
/// readers see it grow; the tail in a ring, an unlinked file. `finish` puts the tail behind the head.
struct LogCapture: ~Copyable, Sendable {
    private let file: OwnedDescriptor
    private let scratch: Directory
    private let headLimit: Int64
    private let tailLimit: Int64
    private var ring: OwnedDescriptor?
    /// Bytes that the script wrote.
    private(set) var total: Int64 = 0
    /// The first error of writing that does not pass; later bytes are only counted.
    private(set) var failure: Errno?
    /// What the disk has no room for at the moment, and why; nothing may be appended until `writePending` has written it.
    private var pending: [UInt8] = []
    private(set) var hindrance: Errno?

    /// - Parameters:
    ///   - limit: bytes kept at most, the line between the halves not counted.
    ///   - scratch: a directory of Bobbin's own, on a filesystem with room for the tail.
    init(file: consuming OwnedDescriptor, limit: Int64, scratch: Directory) {
        self.file = file
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
            let room = max(0, min(headLimit - total, Int64(bytes.count)))
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
            let line = Array("\n[bobbin: \(inRing - tailLimit) bytes are missing here]\n".utf8)
            try writeAll(file.rawValue, line, at: end)
            end += Int64(line.count)
            let oldest = inRing % tailLimit
            try copy(from: descriptor, oldest, length: tailLimit - oldest, to: &end)
            try copy(from: descriptor, 0, length: oldest, to: &end)
        } else {
            try copy(from: descriptor, 0, length: inRing, to: &end)
        }
        ring = nil
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
