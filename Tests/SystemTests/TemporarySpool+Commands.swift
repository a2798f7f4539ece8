import Foundation

extension TemporarySpool {
    /// Runs `bobbin` on this spool, as the dropper unless a test says otherwise.
    func bobbin(_ arguments: String..., as user: UInt32? = nil) async throws -> Command {
        // Where every user reaches it.
        if !exists(base + "/bin") { try await BuiltPrograms.link(into: base + "/bin") }
        let (starter, path) = commandPlace
        return try await Command.run(
            starter + prefix(user ?? dropper) + [base + "/bin/bobbin"] + arguments + ["--spool", path],
            in: starter.isEmpty ? scratch : "/")
    }

    /// Every line of a command's JSON output.
    static func objects(_ command: Command) throws -> [[String: Any]] {
        try command.output.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }
}
