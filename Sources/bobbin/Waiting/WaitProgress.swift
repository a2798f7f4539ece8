import Glibc
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

/// What the live line says of the run that is waited for.
struct WaitProgress {
    private let view: SpoolView
    private var line = LiveLine()
    private var position: String = ""
    private var positionAge: Int64 = .min

    init(_ view: SpoolView) { self.view = view }

    mutating func erase() { line.erase() }

    mutating func show(_ text: String) { line.show(text) }

    mutating func show(_ place: SpoolView.Found) {
        guard Console.errorIsTerminal, let status = try? place.status(), place.fits(status) else { return }
        switch status.state {
        case .queued where status.retryAt.map { $0 > .now() } == true:
            line.show("\(place.name): \(escaped((status.reason ?? "waits for another attempt").utf8))")
        case .queued: line.show("\(place.name): \(waiting(place))")
        case .preparing:
            line.show("\(place.name): preparing  \(ProgressText.of(status).map { escaped($0.utf8) } ?? "")")
        default:
            let since = status.startedAt ?? status.submittedAt
            let elapsed = ElapsedText.text(Timestamp.now().milliseconds - since.milliseconds)
            let words = ProgressText.of(status).map { escaped($0.utf8) } ?? Self.lastLine(of: place)
            line.show("\(place.name): running \(elapsed)  \(words)")
        }
    }

    private mutating func waiting(_ place: SpoolView.Found) -> String {
        let now = MonotonicTime.now()
        // The place in the queue costs a look at all that wait in it.
        if positionAge == .min || now - positionAge > 1000 {
            positionAge = now
            position = "waiting in '\(place.queue)'"
            if let queue = WaitingLine(of: place.queue, in: view, atMost: 2000),
                let rank = queue.position(of: place.run)
            {
                position += ", place \(rank) of \(queue.runs.count)"
            }
            if let control = try? ControlFiles(view.root.directory(SpoolLayout.control)) {
                if (try? control.pausedQueues())?.contains(place.queue) == true { position += "; the queue is paused" }
                if control.isDraining { position += "; the spool is draining" }
            }
        }
        return position
    }

    /// The end of what it printed.
    private static func lastLine(of place: SpoolView.Found) -> String {
        let length = 2048
        guard let file = try? place.directory().open(SpoolLayout.Result.stdout, O_RDONLY),
            let status = try? FileStatus.of(descriptor: file.rawValue), status.kind == .regular
        else { return "" }
        var buffer = [UInt8](repeating: 0, count: length)
        let count = pread(file.rawValue, &buffer, length, off_t(max(0, status.size - Int64(length))))
        guard count > 0, let last = buffer[..<count].split(separator: 0x0A).last else { return "" }
        return escaped(last)
    }
}
