internal import FoundationEssentials
internal import Linux
public import Runs
public import SystemPackage

/// `state/rebuild`: the history is being made from what the directories know. It is there until that is done, over restarts.
public struct RebuildMark: Sendable, Hashable {
    /// The damaged database's name in `history/`; nil where the present one is only completed.
    public var aside: String?
    public var at: Timestamp
    /// No claim until then had a greater number; 0 where the present history goes on counting by itself.
    public var claim: Int64

    /// Whether the present history was begun then, and knows of nothing before.
    public var isAnew: Bool { claim > 0 }

    public init(aside: String?, at: Timestamp, claim: Int64) {
        self.aside = aside
        self.at = at
        self.claim = claim
    }

    /// For a history that is begun now. No counter of claims has come as far as its time: later ones are greater than all that were.
    public init(anew at: Timestamp, aside: String?) {
        self.init(aside: aside, at: at, claim: at.milliseconds)
    }

    fileprivate var json: String {
        var object = JSONWriter()
        if let aside { object.add("aside", aside) }
        object.add("at", at.milliseconds)
        object.add("claim", claim)
        return object.finished() + "\n"
    }

    fileprivate init?(_ bytes: [UInt8]) {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else { return nil }
        self.init(aside: line.aside, at: Timestamp(milliseconds: line.at), claim: line.claim)
    }

    private struct Line: Decodable {
        let aside: String?
        let at: Int64
        let claim: Int64
    }
}

extension Spool {
    /// nil if there is none, or it makes no sense.
    public func rebuildMark() throws(Errno) -> RebuildMark? {
        do {
            return RebuildMark(try state.read(SpoolLayout.rebuild, limit: 4096))
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    public func write(_ mark: RebuildMark) throws(Errno) {
        try state.replace(SpoolLayout.rebuild, with: Array(mark.json.utf8), mode: 0o600)
    }

    /// Whether anything was ever run in it, as far as the directories tell.
    public func hasRun() throws(Errno) -> Bool {
        if try !archive.entries().isEmpty { return true }
        for queue in try outbox.entries() {
            if let results = try? outbox.directory(queue.name), try !results.entries().isEmpty { return true }
        }
        return false
    }

    public func removeRebuildMark() throws(Errno) { try state.unlinkIfPresent(SpoolLayout.rebuild) }
}
