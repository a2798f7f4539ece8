import Glibc

/// What holds a run for as long as a test needs it, however busy the machine is: the script stops itself.
enum Held {
    /// Shell commands that do not go on until the test lets them: `Daemon.letGo`.
    static let here = "kill -STOP $$"
}

extension Daemon {
    /// Lets a script go on that has stopped itself, as soon as it has.
    ///
    /// - Parameter name: of its bundle.
    func letGo(_ name: String) async throws {
        let script = try await eventually("\(name) has stopped itself") {
            processes.first { Processes.isStopped($0) && Processes.variable("BOBBIN_NAME", of: $0) == name }
        }
        Glibc.kill(script, SIGCONT)
    }
}
