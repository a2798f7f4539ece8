import Bundles
import Glibc
import Linux
import Logging
import Runs

/// Every setting as text, with where it came from: the file's, and what stands above it.
struct EffectiveSettings {
    struct Entry {
        let key: String
        let value: String
        let source: String
    }

    let entries: [Entry]

    /// - Parameter queues: those that there are, named in the file or not.
    init(_ file: SettingsFile, spool: SpoolOption, queues: [QueueName]) throws(Failure) {
        let slots = try Self.slots(file)
        let settings = file.entries(queues: queues).map { entry in
            entry.key == slots.key ? slots : Entry(key: entry.key, value: entry.value, source: "\(entry.origin)")
        }
        entries = [Self.place(spool), try Self.logLevel()] + settings
    }

    private static func place(_ spool: SpoolOption) -> Entry {
        let isInEnvironment = !Console.environment("BOBBIN_SPOOL", or: "").isEmpty
        let source = spool.spool != nil ? "--spool" : isInEnvironment ? "BOBBIN_SPOOL" : "default"
        return Entry(key: "spool", value: spool.path(), source: source)
    }

    private static func logLevel() throws(Failure) -> Entry {
        let wanted = Console.environment("BOBBIN_LOG_LEVEL", or: "")
        if wanted.isEmpty { return Entry(key: "log_level", value: "\(Logger.Level.info)", source: "default") }
        guard let level = Logger.Level(rawValue: wanted.lowercased()) else {
            let all = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.badData, "BOBBIN_LOG_LEVEL '\(escaped(wanted.utf8))' is none of: \(all)")
        }
        return Entry(key: "log_level", value: "\(level)", source: "BOBBIN_LOG_LEVEL")
    }

    private static func slots(_ file: SettingsFile) throws(Failure) -> Entry {
        let wanted = Console.environment("BOBBIN_SLOTS", or: "")
        if wanted.isEmpty {
            let slots = file.settings.slots ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            return Entry(key: "slots", value: "\(slots)", source: "\(file.origin(of: "slots"))")
        }
        guard let slots = Int(wanted), (1...200).contains(slots) else {
            throw Failure(.badData, "BOBBIN_SLOTS must be 1 to 200, not '\(escaped(wanted.utf8))'")
        }
        return Entry(key: "slots", value: "\(slots)", source: "BOBBIN_SLOTS")
    }
}
