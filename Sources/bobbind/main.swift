// Privileges belong to a thread, and must be gone before there is a second one: everything up to the first `await` is synchronous.

internal import ArgumentParser

let command = Bobbind.parseOrExit()
do {
    let startup = try command.start()
    try startup.beginThreads()
    do {
        try await startup.run()
    } catch let failure as StartupFailure {
        command.say(failure)
        Bobbind.exit(withError: ExitCode(failure.exitCode))
    }
} catch let failure as StartupFailure {
    command.say(failure)
    Bobbind.exit(withError: ExitCode(failure.exitCode))
} catch {
    Bobbind.exit(withError: error)
}
