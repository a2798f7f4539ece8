import Foundation
import Glibc

/// Prepares a scenario once, records its points, and cuts it off at one of them, again and again.
struct CrashLab: Sendable {
    /// What came of one case.
    struct Verdict: Sendable {
        var wrong: [String] = []
        /// Whether the point was passed.
        var isReached = true
        var log = ""
    }

    let scenario: CrashScenario
    let mode: TemporarySpool.Mode
    /// The spool that all its cases begin with a copy of; nil: with an empty one.
    private let template: CrashStage?
    /// What it passes when nothing cuts it off, in this order.
    let points: [String]

    private static let settings = """
        slots: 2
        min_free_space: 1MiB
        intake: {settle: 50ms, quiet: 20ms, rescan: 1s}
        queues: {default: {network: [none, host]}}

        """

    init(_ scenario: CrashScenario, _ mode: TemporarySpool.Mode) async throws {
        self.scenario = scenario
        self.mode = mode
        template = scenario.before.isEmpty ? nil : try await Self.prepare(scenario, mode)
        let stage = try await Self.stage(scenario, mode, template)
        do {
            let verdict = try await Self.run(scenario, stage, "record", nil)
            let marker = "cut point: "
            points = stage.log.split(separator: "\n").filter { $0.hasPrefix(marker) }.map {
                String($0.dropFirst(marker.count))
            }
            if !verdict.wrong.isEmpty {
                throw WaitedInVain(
                    description:
                        "\(scenario.name), not cut off: \(verdict.wrong.joined(separator: "; "))\n\(verdict.log)")
            }
        } catch {
            await stage.remove()
            throw error
        }
        await stage.remove()
    }

    func remove() async { await template?.remove() }

    private static func prepare(_ scenario: CrashScenario, _ mode: TemporarySpool.Mode) async throws -> CrashStage {
        let stage = try await CrashStage(mode, settings: settings)
        do {
            guard let point = scenario.beforeCut else {
                try stage.launch(cut: nil)
                try await stage.perform(scenario.before)
                try await stage.settle([])
                _ = try await stage.stop()
                return stage
            }
            try stage.launch(cut: "all \(point)")
            try await stage.perform(scenario.before)
            try await eventually(within: .seconds(60), "bobbind is cut off at \(point)") {
                stage.process?.hasEnded == true
            }
            return stage
        } catch {
            await stage.remove()
            throw error
        }
    }

    private static func stage(
        _ scenario: CrashScenario, _ mode: TemporarySpool.Mode, _ template: CrashStage?
    ) async throws -> CrashStage {
        let stage = try await CrashStage(mode, epoch: template?.epoch, settings: settings + scenario.settings)
        guard let template else { return stage }
        try await Command.check([
            "bash", "-euc", "rm -r \(stage.spool.path)/*; cp -a \(template.spool.path)/. \(stage.spool.path)/",
        ])
        try stage.spool.configure(settings + scenario.settings)
        for run in 1...2 { stage.addStarts(template.starts(of: run), of: run) }
        return stage
    }

    /// Cuts it off at a point.
    ///
    /// - Parameter all: whether the daemon dies with its launcher.
    func cut(at point: String, all: Bool) async throws -> Verdict {
        let stage = try await Self.stage(scenario, mode, template)
        do {
            let verdict = try await Self.run(
                scenario, stage, (all ? "all " : "") + point, CrashCut(point: point, points: points, all: all))
            await stage.remove()
            return verdict
        } catch {
            let log = stage.log
            await stage.remove()
            return Verdict(wrong: ["\(error)"], isReached: log.contains("cut off: "), log: log)
        }
    }

    private static func run(
        _ scenario: CrashScenario, _ stage: CrashStage, _ variable: String, _ cut: CrashCut?
    ) async throws -> Verdict {
        try stage.launch(cut: variable)
        try await stage.perform(scenario.actions)
        try await stage.settle(scenario.outcomes)
        if try await !stage.stop() {
            try await stage.settle(scenario.outcomes)
            _ = try await stage.stop()
        }
        let rows = try await Command.check([
            "sqlite3", "file:\(stage.spool.path)/history/history.sqlite?immutable=1", "SELECT run, state FROM runs",
        ])
        let wrong = try stage.judge(scenario, cut, rows: rows.split(separator: "\n").map(String.init))
        let log = stage.log
        return Verdict(wrong: wrong, isReached: log.contains("cut off: "), log: log)
    }
}
