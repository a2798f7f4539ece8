import Foundation
import Glibc

/// The programs of the same build as these tests, or those in `$BOBBIN_PROGRAMS`.
enum BuiltPrograms {
    static let names = ["bobbind", "bobbin", "bobbin-launcher", "bobbin-unpack", "bobbin-validate"]

    /// The directory that holds them: that of the test bundle, or one above it.
    static let directory: String = {
        if let named = ProcessInfo.processInfo.environment["BOBBIN_PROGRAMS"] { return named }
        let arguments = CommandLine.arguments
        let option = arguments.firstIndex(of: "--test-bundle-path").map { arguments.index(after: $0) }
        let bundle = option.flatMap { arguments.indices.contains($0) ? arguments[$0] : nil } ?? arguments[0]
        var directory = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        for _ in 0..<4 {
            if access(directory.appendingPathComponent("bobbind").path, X_OK) == 0 { return directory.path }
            directory.deleteLastPathComponent()
        }
        return ".build/debug"
    }()

    /// Puts the programs where every user reaches them: a clone below /root is closed to others. All at once, since several
    /// cases of a test may find that they are not there yet.
    static func link(into place: String) async throws {
        // By another process: what this one had open for writing, a child of another test could keep busy (ETXTBSY).
        let present = names.map { name -> String in "\(directory)/\(name)" }.filter { path in access(path, X_OK) == 0 }
        let making = "\(place).\(UUID().uuidString)"
        try await Command.check(["mkdir", "-p", making])
        let linked = try await Command.run(["cp", "-l", "--"] + present + [making])
        if linked.code != 0 { try await Command.check(["cp", "--"] + present + [making]) }
        if rename(making, place) != 0 { try await Command.check(["rm", "-r", making]) }
    }
}
