// Where a debug build can be cut off. Everything that changes the disk passes a point just before it does, and so does a launcher
// before it answers, so that dying at each point in turn is dying between each two changes. The points name themselves, by what
// is about to be done to what: `bobbind rename state/runs/RUN1/bundle.tmp > state/runs/RUN1/bundle#1` is the first time that the
// daemon renames that. Tests record the points of one way and then cut it off at each of them.
//
// In a release build nothing of it is left but empty functions; packaging/check-release.sh sees to that.

#if DEBUG
internal import Glibc
internal import Synchronization
#endif

/// A place in a debug build where it can be made to kill itself: `BOBBIN_CUT=record` lists on standard error all that are passed,
/// `BOBBIN_CUT=POINT` dies at one of those, and `BOBBIN_CUT='all POINT'` takes the daemon and the launcher along, as a crash of the
/// machine does. Without its number a point may also be only the beginning of one.
public enum CutPoint {
    /// An entry of a directory is about to be made, changed or removed.
    public static func pass(_ operation: StaticString, _ name: EntryName, in directory: Int32) {
        #if DEBUG
        if plan == nil { return }
        guard let place = place(of: directory) else { return }
        note("\(operation) \(name == "." ? place : joined(place, name))")
        #endif
    }

    /// An entry is about to get another name, or a further one.
    public static func pass(
        _ operation: StaticString, _ name: EntryName, in directory: Int32, as newName: EntryName, in other: Int32
    ) {
        #if DEBUG
        if plan == nil { return }
        guard let from = place(of: directory), let to = place(of: other) else { return }
        note("\(operation) \(joined(from, name)) > \(joined(to, newName))")
        #endif
    }

    /// An open file is about to be changed. What is no file of the spool, as a pipe, has no points.
    public static func pass(_ operation: StaticString, file descriptor: Int32) {
        #if DEBUG
        if plan == nil { return }
        guard let place = place(of: descriptor) else { return }
        note("\(operation) \(place)")
        #endif
    }

    /// Something else is about to be done that others rely on.
    public static func pass(_ operation: StaticString, _ subject: @autoclosure () -> String) {
        #if DEBUG
        if plan == nil { return }
        note("\(operation) \(subject())")
        #endif
    }

    /// Says which program this is, and which directory the spool: only what lies in it has points.
    public static func begin(_ program: StaticString, in spool: Directory) {
        #if DEBUG
        if plan == nil { return }
        let path = path(of: spool.rawValue) ?? ""
        own.withLock { own in
            own.program = "\(program)"
            own.root = path
        }
        #endif
    }

    /// Says that this process is a child that does one piece of work.
    public static func becomeWorker() {
        #if DEBUG
        if plan == nil { return }
        own.withLock { $0.program = "worker" }
        #endif
    }

    /// Lets the children of this process know when one of them was cut off: it happens once. Call it before they are forked.
    public static func shareWithChildren() {
        #if DEBUG
        _ = plan
        _ = hasCut
        #endif
    }

    #if DEBUG
    /// Whether the daemon is to die with a launcher that is cut off, which takes the privilege to kill it.
    public static var takesDaemonAlong: Bool { if case .cut(_, all: true) = plan { true } else { false } }

    private enum Plan {
        case record
        case cut(at: String, all: Bool)

        func isCut(at point: String) -> Bool {
            guard case .cut(let wanted, _) = self else { return false }
            return wanted.contains("#") ? point == wanted : point.hasPrefix(wanted)
        }
    }

    private struct Own {
        var program = ""
        var root = ""
        /// How often each point was passed.
        var counts: [String: Int] = [:]
    }

    private static let own = Mutex(Own())

    private static let plan: Plan? = {
        guard let text = getenv("BOBBIN_CUT").map({ String(cString: $0) }), !text.isEmpty else { return nil }
        if text == "record" { return .record }
        return text.hasPrefix("all ") ? .cut(at: String(text.dropFirst(4)), all: true) : .cut(at: text, all: false)
    }()

    /// One byte that forked children have in common with their parent.
    private nonisolated(unsafe) static let hasCut: UnsafeMutableRawPointer? = {
        let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
        return page == MAP_FAILED ? nil : page
    }()

    private static func note(_ point: String) {
        let named: String = own.withLock { own in
            let name = "\(own.program) \(CutName.general(point))"
            own.counts[name, default: 0] += 1
            return "\(name)#\(own.counts[name] ?? 0)"
        }
        if case .record = plan { return say("cut point: \(named)") }
        guard let plan, plan.isCut(at: named), hasCut?.load(as: UInt8.self) == 0 else { return }
        hasCut?.storeBytes(of: 1, as: UInt8.self)
        say("cut off: \(named)")
        if case .cut(_, all: true) = plan { killAncestors() }
        kill(getpid(), SIGKILL)
        // The signal is on its way; nothing more must happen on this thread until it is here.
        while true { pause() }
    }

    /// From a launcher or its worker up to the daemon: whatever above this process is Bobbin's, too.
    private static func killAncestors() {
        var ancestors: [Int32] = []
        var next = getppid()
        while next > 1, let (name, parent) = nameAndParent(of: next), ["bobbin-launcher", "bobbind"].contains(name) {
            ancestors.append(next)
            if name == "bobbind" { break }
            next = parent
        }
        // The daemon first: it must not see the others die.
        for process in ancestors.reversed() { kill(process, SIGKILL) }
    }

    private static func nameAndParent(of process: Int32) -> (name: String, parent: Int32)? {
        guard let directory = try? Directory(path: "/proc/\(process)"),
            let file = try? directory.open("stat", O_RDONLY)
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let length = bytes.withUnsafeMutableBytes { read(file.rawValue, $0.baseAddress, $0.count) }
        // `PID (NAME) STATE PARENT …`
        let text = String(decoding: bytes.prefix(max(0, length)), as: UTF8.self)
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return nil }
        let words = text[close...].split(separator: " ")
        guard words.count > 2, let parent = Int32(words[2]) else { return nil }
        return (String(text[text.index(after: open)..<close]), parent)
    }

    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Where in the spool an open file or directory lies now; nil: elsewhere.
    private static func place(of descriptor: Int32) -> String? {
        let root = own.withLock { $0.root }
        guard !root.isEmpty, let path = path(of: descriptor) else { return nil }
        if path == root { return "." }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
    }

    private static func path(of descriptor: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
        if length <= 0 { return nil }
        return escaped(buffer.prefix(length).map { UInt8(bitPattern: $0) })
    }

    private static func joined(_ place: String, _ name: EntryName) -> String {
        place == "." ? "\(name)" : "\(place)/\(name)"
    }
    #endif
}
