internal import FoundationEssentials
public import Linux
public import Runs
public import SystemPackage

/// What the parts of a spool take on disk, in bytes, as the last sweep found it: `control/space.json`.
public struct SpaceUse: Sendable, Hashable, Codable {
    /// RFC 3339.
    public var measuredAt: String
    public var inbox: Int64 = 0
    public var active: Int64 = 0
    public var outbox: Int64 = 0
    public var archive: Int64 = 0
    public var environments: Int64 = 0
    public var history: Int64 = 0

    public init(measuredAt: Timestamp) { self.measuredAt = measuredAt.description }

    private enum CodingKeys: String, CodingKey {
        case measuredAt = "measured_at"
        case inbox, active, outbox, archive, environments, history
    }

    /// The parts in the order of a bundle's way, with their names in the spool.
    public var parts: [(name: String, bytes: Int64)] {
        [
            ("inbox", inbox), ("active", active), ("outbox", outbox), ("archive", archive),
            ("environments", environments), ("history", history),
        ]
    }

    public func write(in control: Directory) throws(Errno) {
        var object = JSONWriter(pretty: true)
        object.add("measured_at", measuredAt)
        for part in parts { object.add(part.name, part.bytes) }
        try control.replace(SpoolLayout.space, with: Array((object.finished() + "\n").utf8), mode: 0o644)
    }

    /// Reads it; nil if no daemon has swept yet.
    public static func reading(_ control: Directory) throws(Errno) -> SpaceUse? {
        do {
            let bytes = try control.read(SpoolLayout.space, limit: 64 << 10)
            return try? JSONDecoder().decode(SpaceUse.self, from: Data(bytes))
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }
}
