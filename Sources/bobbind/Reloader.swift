internal import Engine
internal import Logging
internal import Runs
internal import SandboxProtocol
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

/// Reads bobbin.yaml again at SIGHUP; a wrong file is refused as a whole.
struct Reloader: Service {
    let engine: Engine
    let spool: Spool
    /// What the launcher was started with.
    let ceilings: LauncherOptions
    /// Which directories of packages builders were to see then.
    let linkDirectories: [String]
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                let settings = try Startup.readSettings(spool)
                engine.reload(settings)
                logger.notice("bobbin.yaml was read again")
                if settings.allowsHostNetwork, !ceilings.hostNetwork {
                    logger.error(
                        "bobbin.yaml now allows the host's network to a queue, but to none when bobbind was started: runs that ask for it end 'errored' until bobbind is started again"
                    )
                }
                if settings.environments.needsNetwork, !ceilings.hostNetwork, !ceilings.buildersNetwork {
                    logger.error(
                        "bobbin.yaml now names an index for environments, which needed none when bobbind was started: builds end 'errored' until bobbind is started again"
                    )
                }
                if settings.environments.linkDirectories != linkDirectories {
                    logger.error(
                        "bobbin.yaml now names other directories in environments.find_links: builders see those of the start until bobbind is started again"
                    )
                }
            } catch let failure as StartupFailure {
                for line in failure.lines { logger.error("\(line)") }
                logger.error("bobbin.yaml was refused; the old settings stay")
            }
        }
    }
}
