internal import Linux
public import Runs
public import SystemPackage

/// What keeps work from starting because somebody asked for it, and who did: the files' owners.
public struct Holds: Sendable, Hashable {
    public var paused: [QueueName: UInt32] = [:]
    /// Who drains the spool; nil: nobody.
    public var drain: UInt32?

    public init() {}
}

extension ControlFiles {
    /// What `control/pause/` and `control/drain` say now.
    public func holds() throws(Errno) -> Holds {
        var holds = Holds()
        let directory = try pauseDirectory()
        for entry in try directory.entries() {
            guard let queue = QueueName(bytes: entry.name.bytes), let status = try? directory.status(of: entry.name)
            else { continue }
            holds.paused[queue] = status.owner
        }
        holds.drain = (try? control.status(of: SpoolLayout.drain))?.owner
        return holds
    }
}

extension Spool {
    /// What was held when a daemon last looked, so that the next one can tell what has changed. None of it is believed otherwise.
    public func lastHolds() throws(Errno) -> Holds {
        var holds = Holds()
        let bytes: [UInt8]
        do {
            bytes = try state.read(SpoolLayout.holds, limit: 1 << 20)
        } catch {
            if error == .noSuchFileOrDirectory { return holds }
            throw error
        }
        for line in bytes.split(separator: 0x0A) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count >= 2, let user = UInt32(words[1]) else { continue }
            if words.count == 2, words[0] == "drain" { holds.drain = user }
            if words.count == 3, words[0] == "pause", let queue = QueueName(String(words[2])) {
                holds.paused[queue] = user
            }
        }
        return holds
    }

    public func remember(_ holds: Holds) throws(Errno) {
        var text = holds.drain.map { "drain \($0)\n" } ?? ""
        for (queue, user) in holds.paused.sorted(by: { $0.key < $1.key }) { text += "pause \(user) \(queue)\n" }
        try state.replace(SpoolLayout.holds, with: Array(text.utf8), mode: 0o600)
    }
}
