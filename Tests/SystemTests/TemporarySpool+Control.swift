extension TemporarySpool {
    /// Makes files in `control/`, as root or the spool's owner.
    func ask(_ paths: String...) async throws {
        try await shell("cd control; touch \(paths.joined(separator: " "))".inSpool, as: owner)
    }

    /// Takes such files away again.
    func takeBack(_ paths: String...) async throws {
        try await shell("cd control; rm \(paths.joined(separator: " "))".inSpool, as: owner)
    }

    /// Makes a queue that everybody may drop into.
    func makeQueue(_ name: String) async throws {
        try await shell("mkdir -m 1777 inbox/\(name)".inSpool, as: owner)
    }
}
