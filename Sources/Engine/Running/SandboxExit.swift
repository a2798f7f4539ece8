internal import Sandbox
internal import SandboxProtocol

/// How a sandbox ended, as far as anybody knows.
enum SandboxExit: Sendable {
    case ended(SandboxEnd, SandboxUsage)
    /// The launcher died, and the run with it.
    case lost

    /// Waits for the end.
    init(_ sandbox: SandboxRun) async {
        do {
            let (end, usage) = try await sandbox.end()
            self = .ended(end, usage)
        } catch {
            self = .lost
        }
    }

    var end: SandboxEnd? {
        if case .ended(let end, _) = self { return end }
        return nil
    }

    var usage: SandboxUsage? {
        if case .ended(_, let usage) = self { return usage }
        return nil
    }
}
