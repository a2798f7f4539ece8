import Foundation
import Glibc
import SystemPackage

/// A wall clock of a daemon's own, which a test sets while it runs; the monotonic clocks stay as they are.
final class ShiftedClock: Sendable {
    private let directory: String

    /// The one that comes with Swift, or the system's.
    static var compiler: String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        let places = ["clang", "cc"].flatMap { name in path.split(separator: ":").map { "\($0)/\(name)" } }
        return places.first { access($0, X_OK) == 0 }
    }

    init() async throws {
        var template = Array("/tmp/bobbin-clock-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(directory, 0o755)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../clock/wallclock.c").standardized.path
        try await Command.check([
            Self.compiler ?? "cc", "-O1", "-shared", "-fPIC", "-o", "\(directory)/wallclock.so", source,
        ])
        try set(0)
    }

    /// What the daemon is to be started with.
    var environment: [String: String] {
        ["LD_PRELOAD": "\(directory)/wallclock.so", "WALL_CLOCK_SHIFT": "\(directory)/shift"]
    }

    /// How many seconds it is ahead of the machine's from now on.
    func set(_ seconds: Int) throws {
        // In one step: a file that is just emptied would be another jump.
        try Data("\(seconds)\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/shift.new"))
        chmod("\(directory)/shift.new", 0o644)
        if rename("\(directory)/shift.new", "\(directory)/shift") < 0 { throw Errno(rawValue: errno) }
    }

    func remove() async { _ = try? await Command.run(["rm", "-rf", "--", directory]) }
}
