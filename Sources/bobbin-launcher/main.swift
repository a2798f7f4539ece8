// The privileged part of Bobbin. bobbind starts it; see Keeper and LauncherService for what it does.

internal import Glibc
internal import LauncherCore
internal import Linux
internal import SandboxProtocol

do {
    try Keeper(options: LauncherOptions(parsing: Array(CommandLine.arguments.dropFirst()))).run()
} catch {
    // Nobody is left to tell if this fails as well.
    try? writeAll(STDERR_FILENO, Array("bobbin-launcher: \(error)\n".utf8))
    exit(error is LauncherUsageError ? 64 : 70)
}
