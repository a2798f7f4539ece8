internal import Linux
internal import Runs
internal import Synchronization
internal import SystemPackage

/// The answer to a request: a line an item, the last one with `end`. Whoever asked may read it while it grows.
///
/// A disk that refuses it only leaves the answer short: what was asked for is done all the same.
final class AnswerFile: Sendable {
    private let file: SharedDescriptor
    /// Lines not written yet: a sweep tells of thousands.
    private let pending = Mutex<[UInt8]>([])
    private static let most = 32 << 10

    init(_ file: consuming OwnedDescriptor) { self.file = SharedDescriptor(file) }

    func add(_ line: SweepLine) { add(line.json(), flush: false) }

    func end(_ totals: SweepTotals) {
        var object = JSONWriter()
        object.add("end", "done")
        object.add("entries", Int64(totals.entries))
        object.add("bytes", totals.bytes)
        object.add("rows", totals.rows)
        add(object.finished(), flush: true)
    }

    /// - Parameter entry: the name of what is handed out, as it was dropped.
    func end(_ word: String, reason: String? = nil, run: RunID? = nil, entry: EntryName? = nil) {
        var object = JSONWriter()
        object.add("end", word)
        if let reason { object.add("reason", reason) }
        if let run { object.add("run", run.description) }
        if let entry { object.add("entry", entry.description) }
        add(object.finished(), flush: true)
    }

    private func add(_ line: String, flush: Bool) {
        pending.withLock { pending in
            pending += Array((line + "\n").utf8)
            guard flush || pending.count >= Self.most else { return }
            try? writeAll(file.rawValue, pending)
            pending = []
        }
    }
}
