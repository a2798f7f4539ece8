/// Why the daemon does not start, and with which of the contract's exit codes it ends.
struct StartupFailure: Error {
    let exitCode: Int32
    let lines: [String]

    static let badData: Int32 = 65
    static let unavailable: Int32 = 69
    static let internalError: Int32 = 70
    static let cannotCreate: Int32 = 73

    init(_ exitCode: Int32, _ lines: [String]) {
        self.exitCode = exitCode
        self.lines = lines
    }
}
