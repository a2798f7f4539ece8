public import Linux
public import Runs
public import SystemPackage

/// The links `outbox/QUEUE/NAME` to the result of the newest drop of that name.
public struct ResultLinks: Sendable {
    /// `outbox/QUEUE`.
    public let outbox: Directory

    public init(outbox: Directory) { self.outbox = outbox }

    /// Where the link points to; nil if there is none, or something that is no link of Bobbin's.
    public func target(of name: BundleName) -> [UInt8]? {
        guard let target = try? outbox.target(ofLink: EntryName(name.description)),
            Self.isOwn(target, name)
        else { return nil }
        return target
    }

    /// Takes the link away, before a new drop of the name leaves the inbox. A stranger's entry in its place is moved aside.
    public func remove(_ name: BundleName) throws(Errno) {
        let entry = EntryName(name.description)
        if target(of: name) != nil {
            try outbox.unlinkIfPresent(entry)
        } else {
            try moveAside(entry)
        }
    }

    /// Points the name at a result, as one step.
    public func set(_ name: BundleName, to target: [UInt8]) throws(Errno) {
        let entry = EntryName(name.description)
        do {
            return try outbox.makeLink(entry, to: target)
        } catch {
            if error != .fileExists { throw error }
        }
        let temporary = EntryName(".\(name).link")
        do {
            try outbox.unlinkIfPresent(temporary)
        } catch {
            // Who may write in the outbox may have made a directory of that name.
            if error != .isDirectory { throw error }
            try moveAside(temporary)
        }
        try outbox.makeLink(temporary, to: target)
        if self.target(of: name) == nil { try moveAside(entry) }
        try outbox.rename(temporary, to: entry, replacing: true)
    }

    /// Whether a link's target is the name of a result of that bundle, `NAME.RUN`.
    private static func isOwn(_ target: [UInt8], _ name: BundleName) -> Bool {
        let prefix = Array("\(name).".utf8)
        return target.starts(with: prefix) && RunID(bytes: target.dropFirst(prefix.count)) != nil
    }

    /// Whatever stranger's entry is in a link's place gets another name beside it; nothing of it is lost.
    private func moveAside(_ entry: EntryName) throws(Errno) {
        do {
            try outbox.rename(entry, to: EntryName(bytes: entry.bytes + Array(".\(RunID.new()).aside".utf8)))
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
        }
    }
}
