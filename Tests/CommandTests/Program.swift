import Foundation

/// The built `bobbin`, used as a shell script would.
struct Program {
    struct Answer {
        let code: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Beside the test bundle.
    static let executable: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let test = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
        var directory = URL(fileURLWithPath: test).deletingLastPathComponent()
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("bobbin")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            directory.deleteLastPathComponent()
        }
        return URL(fileURLWithPath: "/nonexistent/bobbin")
    }()

    /// Runs it to its end. What it prints goes to files: a pipe would have to be read by a thread meanwhile.
    static func run(
        _ arguments: [String], in directory: URL, input: String = "", environment: [String: String] = [:]
    ) async throws -> Answer {
        try await start(arguments, in: directory, input: input, environment: environment).answer()
    }

    static func start(
        _ arguments: [String], in directory: URL, input: String = "", environment: [String: String] = [:]
    ) throws -> Running {
        let place = directory.appendingPathComponent(".io-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let input = Data(input.utf8)
        let names = ["in", "out", "err"].map(place.appendingPathComponent)
        try input.write(to: names[0])
        for name in names.dropFirst() { try Data().write(to: name) }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"].merging(environment) { $1 }
        let files = [
            try FileHandle(forReadingFrom: names[0]), try FileHandle(forWritingTo: names[1]),
            try FileHandle(forWritingTo: names[2]),
        ]
        (process.standardInput, process.standardOutput, process.standardError) = (files[0], files[1], files[2])
        let running = try Running(process, output: names[1], errors: names[2])
        // It has its own now. Foundation keeps a `Process`, and what that holds, until the run loop of the thread that started
        // it runs, which on these threads is never.
        for file in files { try file.close() }
        return running
    }

    /// One that has not ended yet.
    final class Running: @unchecked Sendable {
        private let process: Process
        private let output: URL
        private let errors: URL
        private let end: AsyncStream<Int32>

        init(_ process: Process, output: URL, errors: URL) throws {
            self.process = process
            self.output = output
            self.errors = errors
            let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
            end = stream
            process.terminationHandler = { ended in
                continuation.yield(
                    ended.terminationReason == .exit ? ended.terminationStatus : -ended.terminationStatus)
                continuation.finish()
            }
            try process.run()
        }

        var printed: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

        func answer() async throws -> Answer {
            var code: Int32 = .min
            for await status in end { code = status }
            return Answer(code: code, output: printed, errors: try String(contentsOf: errors, encoding: .utf8))
        }
    }
}
