// How the watches work. libinotifytools keeps everything in globals, so one thread makes every call to it, and this is the only
// file that makes any. The thread blocks in `inotifytools_next_event`; requests from other threads are queued and the thread is
// woken by a change of the mode of a file that is always watched. One event is asked for at a time: with more, the
// library spins. Directories are watched one by one and by descriptor (`/proc/self/fd/N/.`), so that no path is resolved twice
// and a spool below a closed directory works.

internal import CInotifyTools
internal import Glibc
public import Linux
internal import Synchronization
public import SystemPackage

/// The only user of libinotifytools: watches directories and turns events into hints. One in a process.
public final class Watcher: Sendable {
    private enum Request: Sendable {
        case watch(WatchedDirectory, Directory, Int32, @Sendable (Errno?) -> Void)
        case forget(WatchedDirectory)
        case stop
    }

    /// What the thread knows; never touched by another.
    private struct Watches {
        var directories: [Int32: WatchedDirectory] = [:]
        var numbers: [WatchedDirectory: Int32] = [:]
        /// A directory's descriptor must stay open as long as its path in /proc is used.
        var open: [WatchedDirectory: Directory] = [:]
    }

    /// Events and their hints; ends after `stop`.
    public let hints: Hints

    private let requests = Mutex<[Request]>([])
    private let wakeFile: SharedDescriptor
    private let output = HintQueue()

    private static let events = Int32(
        IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

    /// Opens the event queue; call it early, its descriptor must be below 1024 (the library uses `select`).
    ///
    /// - Parameter wakeFile: a regular file of the program's own; changes of its mode wake the thread.
    public init(wakeFile: consuming OwnedDescriptor) throws(Errno) {
        guard inotifytools_initialize() != 0 else { throw Errno(rawValue: inotifytools_error()) }
        self.wakeFile = SharedDescriptor(wakeFile)
        guard inotifytools_watch_file("/proc/self/fd/\(self.wakeFile.rawValue)", Int32(IN_ATTRIB)) != 0 else {
            throw Errno(rawValue: inotifytools_error())
        }
        hints = Hints(output)
        // The thread holds the watcher until `stop`.
        try DedicatedThread.start("inotify") { [self] in listen() }
    }

    /// Watches a directory's own entries; their removal only if asked for. ENOSPC: `fs.inotify.max_user_watches` is reached; EACCES: it may not be read.
    public func watch(
        _ directory: Directory, as number: WatchedDirectory, withRemovals: Bool = false
    ) async throws(Errno) {
        let events = Self.events | (withRemovals ? Int32(IN_DELETE | IN_MOVED_FROM) : 0)
        let error: Errno? = await withCheckedContinuation { continuation in
            send(.watch(number, directory, events) { continuation.resume(returning: $0) })
        }
        if let error { throw error }
    }

    /// Ends a watch; hints already under way may still come.
    public func forget(_ number: WatchedDirectory) { send(.forget(number)) }

    /// Ends the thread and the hints.
    public func stop() { send(.stop) }

    private func send(_ request: Request) {
        requests.withLock { $0.append(request) }
        _ = fchmod(wakeFile.rawValue, 0o600)
    }

    private func listen() {
        var watches = Watches()
        while true {
            for request in requests.withLock({ queue in
                defer { queue = [] }
                return queue
            }) {
                switch request {
                case .watch(let number, let directory, let events, let answer):
                    answer(Self.add(directory, number, events, &watches))
                case .forget(let number): Self.remove(number, &watches)
                case .stop:
                    inotifytools_cleanup()
                    output.finish()
                    return
                }
            }
            guard let event = inotifytools_next_event(-1) else {
                // Interrupted, or an error of read(2): whatever was missed is found by looking.
                if inotifytools_error() != EINTR { output.add(.overflow) }
                continue
            }
            handle(event, &watches)
        }
    }

    private static func add(
        _ directory: Directory, _ number: WatchedDirectory, _ events: Int32, _ watches: inout Watches
    ) -> Errno? {
        remove(number, &watches)
        let path = "/proc/self/fd/\(directory.rawValue)/."
        guard inotifytools_watch_file(path, events) != 0 else { return Errno(rawValue: inotifytools_error()) }
        let watch = inotifytools_wd_from_filename(path + "/")
        guard watch > 0 else { return Errno.noSuchFileOrDirectory }
        watches.directories[watch] = number
        watches.numbers[number] = watch
        watches.open[number] = directory
        return nil
    }

    private static func remove(_ number: WatchedDirectory, _ watches: inout Watches) {
        guard let watch = watches.numbers.removeValue(forKey: number) else { return }
        watches.directories[watch] = nil
        watches.open[number] = nil
        inotifytools_remove_watch_by_wd(watch)
    }

    #if DEBUG
    /// For tests: no event tells anything. A release build cannot be asked for it.
    private static let isDeaf = getenv("BOBBIN_WITHOUT_EVENTS") != nil
    #endif

    private func handle(_ event: UnsafeMutablePointer<inotify_event>, _ watches: inout Watches) {
        #if DEBUG
        if Self.isDeaf { return }
        #endif
        let mask = event.pointee.mask
        // Overflow comes with the watch -1: its name must not be asked for.
        if mask & UInt32(IN_Q_OVERFLOW) != 0 {
            output.add(.overflow)
            return
        }
        guard let directory = watches.directories[event.pointee.wd] else { return }
        if mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) != 0 {
            if mask & UInt32(IN_IGNORED) != 0 {
                watches.directories[event.pointee.wd] = nil
                watches.numbers[directory] = nil
                watches.open[directory] = nil
            } else {
                Self.remove(directory, &watches)
            }
            output.add(.gone(directory))
            return
        }
        let length = Int(event.pointee.len)
        guard length > 0 else { return }
        // The name follows the fixed part: struct inotify_event ends in a flexible array, which Swift does not import.
        let start = UnsafeRawPointer(event) + MemoryLayout<inotify_event>.size
        let bytes = UnsafeRawBufferPointer(start: start, count: length).prefix { $0 != 0 }
        let name = EntryName(bytes: Array(bytes))
        output.add(mask & UInt32(IN_MOVED_TO) != 0 ? .renamedIn(directory, name) : .changed(directory, name))
    }
}
