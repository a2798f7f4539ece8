internal import Engine
internal import Logging
internal import Runs
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

/// Reads bobbin.yaml again at SIGHUP; a wrong file is refused as a whole.
struct Reloader: Service {
    let engine: Engine
    let spool: Spool
    /// Whether the launcher was started to give runs the host's network.
    let hasHostNetwork: Bool
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                let settings = try Startup.readSettings(spool)
                engine.reload(settings)
                logger.notice("bobbin.yaml was read again")
                if settings.allowsHostNetwork, !hasHostNetwork {
                    logger.error(
                        "bobbin.yaml now allows the host's network to a queue, but to none when bobbind was started: runs that ask for it end 'errored' until bobbind is started again"
                    )
                }
            } catch let failure as StartupFailure {
                for line in failure.lines { logger.error("\(line)") }
                logger.error("bobbin.yaml was refused; the old settings stay")
            }
        }
    }
}
