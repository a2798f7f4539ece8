import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Engine

@Suite("A log that is cut in its middle")
struct LogCaptureTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// What a log must hold, said the plain way.
    private static func expected(_ bytes: [UInt8], limit: Int) -> [UInt8] {
        if bytes.count <= limit { return bytes }
        let head = limit / 2
        let line = "\n[bobbin: \(bytes.count - limit) bytes are missing here]\n"
        return bytes.prefix(head) + Array(line.utf8) + bytes.suffix(limit - head)
    }

    private func capture(_ chunks: [[UInt8]], limit: Int64) throws -> (bytes: [UInt8], total: Int64, isTruncated: Bool)
    {
        try scratch.root.unlinkIfPresent("log")
        let file = try scratch.root.open("log", O_RDWR | O_CREAT)
        var capture = LogCapture(file: file, limit: limit, scratch: scratch.root)
        for chunk in chunks { chunk.withUnsafeBytes { capture.append($0) } }
        try capture.finish()
        let (total, isTruncated) = (capture.total, capture.isTruncated)
        return (try scratch.root.read("log", limit: 1 << 24), total, isTruncated)
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) }
    }

    @Test("Every length around small limits, in one piece and byte by byte", arguments: 1...9)
    func small(limit: Int) throws {
        for count in 0...(limit * 4 + 3) {
            let all = Self.bytes(count)
            let whole = try capture([all], limit: Int64(limit))
            #expect(whole.bytes == Self.expected(all, limit: limit), "\(count) bytes")
            #expect(whole.total == Int64(count))
            #expect(whole.isTruncated == (count > limit))
            #expect(
                try capture(all.map { [$0] }, limit: Int64(limit)).bytes == whole.bytes, "\(count) bytes, one by one")
        }
    }

    @Test("Any writes give the halves of the whole", arguments: 0..<40)
    func random(seed: Int) throws {
        var generator = Seeded(state: UInt64(seed))
        let limit = Int.random(in: 1...5000, using: &generator)
        var chunks: [[UInt8]] = []
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            let count = Int.random(in: 0...(Bool.random(using: &generator) ? 30 : 6000), using: &generator)
            chunks.append((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        }
        let all = chunks.flatMap { $0 }
        let log = try capture(chunks, limit: Int64(limit))
        #expect(log.bytes == Self.expected(all, limit: limit))
        #expect(log.total == Int64(all.count))
        #expect(log.isTruncated == (all.count > limit))
    }

    @Test("A large tail is copied whole")
    func large() throws {
        let all = Self.bytes(1_000_003)
        #expect(try capture([all], limit: 500_001).bytes == Self.expected(all, limit: 500_001))
    }

    @Test("Readers see the head grow, and nothing beyond the first half until the end")
    func live() throws {
        let file = try scratch.root.open("log", O_RDWR | O_CREAT)
        var capture = LogCapture(file: file, limit: 10, scratch: scratch.root)
        for byte in 0..<30 as Range<UInt8> {
            [byte].withUnsafeBytes { capture.append($0) }
            #expect(try scratch.root.read("log", limit: 99) == Array(0...min(byte, 4)))
        }
        #expect(try scratch.root.entries().map(\.name) == ["log"])
    }

    @Test("A disk that refuses is remembered, and what comes later is still counted")
    func failure() throws {
        try scratch.root.create("log", with: [])
        let file = try scratch.root.open("log", O_RDONLY)
        var capture = LogCapture(file: file, limit: 100, scratch: scratch.root)
        for _ in 0..<3 { [1, 2, 3].withUnsafeBytes { (raw: UnsafeRawBufferPointer) in capture.append(raw) } }
        #expect(capture.failure == .badFileDescriptor)
        #expect(capture.total > 0)
        var thrown: Errno?
        do { try capture.finish() } catch { thrown = error }
        #expect(thrown == .badFileDescriptor)
    }

    @Test("No limit makes it trap", arguments: [0, -1, Int64.min])
    func nonsense(limit: Int64) throws {
        #expect(try capture([Self.bytes(10)], limit: limit).bytes == Self.expected(Self.bytes(10), limit: 1))
    }
}
