import Foundation

/// The built `bobbin-validate`, as the daemon uses it, but in no sandbox.
struct Validator {
    /// What it ends with.
    enum Verdict: Int32 {
        case valid = 0
        case invalid = 1
        case badSchema = 2
        case noJSON = 3
        case beyondLimits = 4
    }

    let verdict: Verdict?
    /// Lines of a JSON pointer, a tab and a sentence.
    let output: String

    static func run(schema: String?, text: String) async throws -> Validator {
        try await inDirectory { directory in
            let file = "\(directory)/text"
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            return try await run(schema: schema, file: file, in: directory)
        }
    }

    /// - Parameter shell: what writes the text to its standard output.
    static func run(schema: String?, shell: String) async throws -> Validator {
        try await inDirectory { directory in
            let file = "\(directory)/text"
            try await Command.check(["sh", "-c", "{ \(shell); } > '\(file)'"])
            return try await run(schema: schema, file: file, in: directory)
        }
    }

    private static func run(schema: String?, file: String, in directory: String) async throws -> Validator {
        var arguments = ["\(BuiltPrograms.directory)/bobbin-validate"]
        if let schema {
            arguments.append("\(directory)/schema")
            try Data(schema.utf8).write(to: URL(fileURLWithPath: arguments[1]))
        }
        let command = try await Command.run(arguments, input: file)
        return Validator(verdict: Verdict(rawValue: command.code), output: command.output)
    }

    private static func inDirectory(_ body: (String) async throws -> Validator) async throws -> Validator {
        let directory = "/tmp/bobbin-validate-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(directory)
    }
}
