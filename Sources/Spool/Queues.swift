public import Linux
public import Runs
public import SystemPackage

/// What lies in `inbox/`: queues, and what is none.
public struct Queues: Sendable {
    /// Directories whose names are queue names, in order.
    public var names: [QueueName] = []
    /// Everything else: it stays where it is, and is said once.
    public var strays: [EntryName] = []
}

extension Spool {
    /// Looks at all queues.
    public func queues() throws(Errno) -> Queues {
        var queues = Queues()
        try inbox.forEachEntry { entry throws(Errno) in
            let kind = entry.kind == .unknown ? (try? inbox.status(of: entry.name))?.kind : entry.kind
            if kind == .directory, let name = QueueName(bytes: entry.name.bytes) {
                queues.names.append(name)
            } else if !entry.name.hasPrefix(".") {
                queues.strays.append(entry.name)
            }
            return true
        }
        queues.names.sort()
        queues.strays.sort()
        return queues
    }
}
