internal import Engine
internal import Logging
internal import ServiceLifecycle
internal import Spool
internal import UnixSignals

/// Reads bobbin.yaml again at SIGHUP; a wrong file is refused as a whole.
struct Reloader: Service {
    let engine: Engine
    let spool: Spool
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                engine.reload(try Startup.readSettings(spool))
                logger.notice("bobbin.yaml was read again")
            } catch let failure as StartupFailure {
                for line in failure.lines { logger.error("\(line)") }
                logger.error("bobbin.yaml was refused; the old settings stay")
            }
        }
    }
}
