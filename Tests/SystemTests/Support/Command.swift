import Foundation
import Glibc

/// A program that is run to its end.
struct Command {
    /// Its exit code; 128 and the signal's number where a signal ended it.
    let code: Int32
    /// Standard output and standard error.
    let output: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null",
        in directory: String? = nil
    ) async throws -> Command {
        let path = "/tmp/bobbin-command-\(UUID().uuidString)"
        defer { unlink(path) }
        let child = try ChildProcess(
            arguments, environment: environment, input: input, output: path, directory: directory)
        let end = await withTaskCancellationHandler {
            await child.end()
        } onCancel: {
            child.signal(SIGKILL)
        }
        let output = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        switch end {
        case .exited(let code): return Command(code: code, output: output)
        case .signalled(let number): return Command(code: 128 + number, output: output)
        }
    }

    /// Throws what it said if it fails.
    @discardableResult
    static func check(
        _ arguments: [String], environment: [String: String] = [:], in directory: String? = nil
    ) async throws -> String {
        let command = try await run(arguments, environment: environment, in: directory)
        if command.code != 0 {
            throw Failure(description: "\(arguments.joined(separator: " ")): exit \(command.code)\n\(command.output)")
        }
        return command.output
    }

    static func exists(_ program: String) -> Bool {
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}
