// control/hindrances.json must be writable when nothing else is: a full disk is what it tells of. So its blocks are there from
// the start of the daemon: it always has the same length, filled up with spaces, and is written over in place. A reader may
// come between the two halves of a write; what is no JSON then is read again.

internal import FoundationEssentials
internal import Glibc
public import Linux
internal import Runs
public import SystemPackage

/// What the daemon cannot do at the moment, for whoever asks.
public final class HindranceFile: Sendable {
    private let file: OwnedDescriptor
    private static let size = 8192
    /// Bytes of one reason at most, so that all of them fit.
    private static let longestReason = 800

    /// Makes the file anew, with nothing in it.
    public init(in control: Directory) throws(Errno) {
        let file = try Self.open(in: control)
        if try FileStatus.of(descriptor: file.rawValue).permissions != 0o644 {
            try changeMode(of: file.rawValue, to: 0o644)
        }
        self.file = file
        try replace(with: [])
    }

    /// The one that is there keeps its blocks, if it is nobody else's.
    private static func open(in control: Directory) throws(Errno) -> OwnedDescriptor {
        do {
            let file = try control.open(SpoolLayout.hindrances, O_RDWR)
            let status = try FileStatus.of(descriptor: file.rawValue)
            if status.kind == .regular, status.links == 1, status.owner == geteuid(), status.size == size {
                return file
            }
        } catch {
            let isInTheWay = error == .tooManySymbolicLinkLevels || error == .permissionDenied
            guard isInTheWay || error == .noSuchFileOrDirectory else { throw error }
        }
        try control.unlinkIfPresent(SpoolLayout.hindrances)
        return try control.open(SpoolLayout.hindrances, O_RDWR | O_CREAT | O_EXCL, mode: 0o644)
    }

    public func replace(with hindrances: [Hindrance]) throws(Errno) {
        var text = "["
        for (index, hindrance) in hindrances.enumerated() {
            var object = JSONWriter()
            object.add("what", hindrance.activity.rawValue)
            object.add("since", hindrance.since.description)
            object.add("reason", Self.shortened(hindrance.reason))
            text += (index == 0 ? "\n" : ",\n") + object.finished()
        }
        var bytes = Array((text + "\n]").utf8)
        bytes += [UInt8](repeating: 0x20, count: max(0, Self.size - 1 - bytes.count)) + [0x0A]
        try writeAll(file.rawValue, bytes, at: 0)
    }

    private static func shortened(_ reason: String) -> String {
        reason.utf8.count <= longestReason ? reason : String(reason.prefix(longestReason / 4)) + "…"
    }

    /// What the file says; nothing if no daemon has made it yet.
    public static func reading(_ control: Directory) throws(Errno) -> [Hindrance] {
        // Between the halves of a write it may be no JSON, for as long as that takes.
        for _ in 0..<5 {
            do {
                let bytes = try control.read(SpoolLayout.hindrances, limit: 64 << 10)
                if let lines = try? JSONDecoder().decode([Line].self, from: Data(bytes)) {
                    return lines.compactMap(\.value)
                }
            } catch {
                if error == .noSuchFileOrDirectory { return [] }
                throw error
            }
        }
        return []
    }

    private struct Line: Decodable {
        let what: String
        let since: String
        let reason: String

        var value: Hindrance? {
            guard let activity = Hindrance.Activity(rawValue: what), let since = Timestamp(since) else { return nil }
            return Hindrance(activity, since: since, reason: reason)
        }
    }
}
