import Foundation
import Glibc

extension CrashStage {
    /// Does what people do in a scenario, one thing after the other.
    func perform(_ actions: [CrashScenario.Action]) async throws {
        for action in actions { try await perform(action) }
    }

    private func perform(_ action: CrashScenario.Action) async throws {
        switch action {
        case .drop(let drop): try await drop.form.drop(as: id(drop.run), shown: Self.pattern, into: spool)
        case .awaitStart(let run):
            try await wait("run \(run) begins") { starts(of: run) > 0 || isOver(run) }
        case .awaitEnd(let run): try await wait("run \(run) is over") { isOver(run) }
        case .openGate: openGate()
        case .deleteActive(let run):
            try await wait("run \(run) can be seen") { isOver(run) || live(run).state != nil }
            try await spool.shell("rm -rf \(live(run).path)", as: geteuid())
        case .editActive(let run):
            try await wait("run \(run) can be seen") { isOver(run) || live(run).state != nil }
            for file in ["state", "status.json", "stdout", "exit_code"] where !isOver(run) {
                _ = try? Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: "\(live(run).path)/\(file)"))
            }
        case .deleteResult(let run):
            try await wait("run \(run) has a result") { isOver(run) }
            try await spool.shell("rm -rf \(result(run).path)", as: geteuid())
        case .request(let text):
            var text = text
            for run in 1...2 { text = text.replacingOccurrences(of: "RUN\(run)", with: id(run)) }
            let requests = spool.path + "/control/requests"
            try await wait("there is a place for requests") { spool.exists(requests) }
            try await spool.shell(
                "umask 022; printf '%s\\n' '\(text)' >.ask; mv .ask \(requests)/\(id(9))", as: geteuid())
        case .cancel(let run):
            if isOver(run) { return }
            try await spool.shell("touch control/cancel/\(id(run))".inSpool, as: spool.owner)
        case .pause:
            try await wait("queues can be paused") { spool.exists(spool.path + "/control/pause") }
            try await spool.ask("pause/default")
        case .resume: try await spool.takeBack("pause/default")
        }
    }

    private func isOver(_ run: Int) -> Bool { result(run).has("state") || wasRemembered(run) }

    /// Its result may be gone already.
    private func wasRemembered(_ run: Int) -> Bool { spool.exists("\(spool.path)/state/archive/\(id(run))") }

    /// Waits until nothing is left to do.
    func settle(_ outcomes: [CrashScenario.Outcome]) async throws {
        try await wait("all is over") {
            remains.isEmpty
                && outcomes.allSatisfy { outcome in
                    if outcome.isSwept { return !result(outcome.run).has("state") && !wasRemembered(outcome.run) }
                    return isOver(outcome.run)
                }
        }
    }
}
