internal import ArgumentParser
internal import Glibc
internal import Linux
internal import Logging
internal import Runs

/// How log lines look.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Time, level, message.
    case plain
    /// One object a line.
    case json
    /// `<N>message`, N being syslog's level: what journald reads from standard error. Source: sd-daemon(3).
    case journal
}

/// Writes each log entry to standard error as one line and one write(2).
struct StandardErrorLog: LogHandler {
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // A message may hold a stranger's name: one entry stays one line, and no terminal acts on it.
        let text = Self.oneLine("\(event.message)")
        let line: String
        switch format {
        case .plain: line = "\(Timestamp.now()) \(event.level.rawValue): \(text)\n"
        case .json:
            var object = JSONWriter()
            object.add("time", Timestamp.now().description)
            object.add("level", event.level.rawValue)
            object.add("message", text)
            line = object.finished() + "\n"
        case .journal: line = "<\(Self.priority(event.level))>\(text)\n"
        }
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func oneLine(_ text: String) -> String {
        if !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control {
                line.append(contentsOf: escaped(UTF8.encode(scalar).map(Array.init) ?? []).unicodeScalars)
            } else {
                line.append(scalar)
            }
        }
        return String(line)
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
