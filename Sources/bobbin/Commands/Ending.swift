import ArgumentParser
import Linux
import Runs

/// What a run's end means for the exit code of a command that waited for it.
enum Ending {
    /// The script's own code; 125 and a line on standard error where the run did not end by itself, or not well: a script that
    /// exits 0 without a required output, or after it logged an error, must not pass for a success.
    static func code(_ status: RunStatus) -> Int32 {
        if let code = status.exitCode, status.state == .succeeded || status.state == .failed && code != 0 {
            return code
        }
        var line = "\(status.name) (\(status.run)): \(status.state.rawValue)"
        if let reason = status.reason { line += ": \(escaped(reason.utf8))" }
        Console.note(line)
        for error in status.errors.prefix(20) { Console.note("  \(escaped(error.description.utf8))") }
        return Failure.Code.notEndedByItself.rawValue
    }

    static func exit(_ code: Int32) throws {
        if code != 0 { throw Failure(Failure.Code(rawValue: code), "") }
    }
}
