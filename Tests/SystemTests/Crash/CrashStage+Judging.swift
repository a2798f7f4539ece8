import Foundation
import Glibc

/// Where a way was cut off, and in which order its points are passed when it is not.
struct CrashCut: Sendable {
    let point: String
    /// Of the undisturbed way.
    let points: [String]
    /// Whether the daemon dies with its launcher.
    let all: Bool

    /// The launcher is another process than the daemon, which goes on without it.
    var isOfDaemon: Bool { all || point.hasPrefix("bobbind ") }

    /// Whether a run's script was under way when the launcher was cut off: between the order to go and the news of its end, the
    /// last of each.
    func isUnderWay(_ run: Int) -> Bool? {
        func last(_ name: String) -> Int? {
            points.lastIndex { $0.hasPrefix("launcher \(name) state/runs/RUN\(run)#") }
        }
        guard let start = last("start"), let end = last("answer how it ended"),
            let cut = points.firstIndex(of: point)
        else { return false }
        if !point.contains("RUN\(run)") { return nil }
        return cut >= start && cut <= end
    }
}

extension CrashStage {
    /// What is wrong with what came of it; empty: nothing.
    func judge(_ scenario: CrashScenario, _ cut: CrashCut?, rows: [String]) throws -> [String] {
        var wrong: [String] = []
        for outcome in scenario.outcomes {
            let run = outcome.run
            let starts = starts(of: run)
            if starts > outcome.attempts { wrong.append("run \(run) began \(starts) times") }
            let row = rows.filter { $0.hasPrefix(id(run)) }
            if row.count != 1 { wrong.append("run \(run) has \(row.count) rows in the history") }
            let state = row.first.map { String($0.split(separator: "|")[1]) } ?? "none"
            let allowed = allowedStates(outcome, cut)
            if !allowed.contains(state) {
                wrong.append("run \(run) is \(state), and not \(allowed.sorted()); \(result(run))")
            }
            // An attempt that was cut off may not have begun, but the run says then that it was interrupted, or has another one.
            let isExact = outcome.attempts == 1 && !outcome.cutStates.contains(state)
            if state == outcome.state, isExact ? starts != outcome.starts : starts < min(1, outcome.starts) {
                wrong.append("run \(run) is \(state) and began \(starts) times")
            }
            if outcome.isTaken {
                if result(run).has("state") { wrong.append("the result of run \(run) has come back") }
            } else {
                wrong += judge(result(run), outcome, state).map { "run \(run): \($0)" }
            }
        }
        if rows.count != scenario.outcomes.count { wrong.append("the history has \(rows)") }
        let results = spool.results().map { String($0.path.suffix(26)) }
        let expected = scenario.outcomes.filter { !$0.isTaken }.map { id($0.run) }
        if results.sorted() != expected.sorted() { wrong.append("there are the results \(results)") }
        return wrong + judgeLink(scenario)
    }

    private func allowedStates(_ outcome: CrashScenario.Outcome, _ cut: CrashCut?) -> Set<String> {
        guard let cut else { return [outcome.state] }
        if cut.isOfDaemon {
            guard let phase = phases?[outcome.run] else { return [outcome.state] }
            if outcome.attempts > 1 { return outcome.cutStates.union([outcome.state]) }
            return phase == .running ? outcome.cutStates : [outcome.state]
        }
        if outcome.attempts > 1 { return outcome.cutStates.union([outcome.state]) }
        switch cut.isUnderWay(outcome.run) {
        case true?: return outcome.cutStates
        case false?: return [outcome.state]
        case nil: return outcome.cutStates.union([outcome.state])
        }
    }

    /// Whether a result is whole and says the same everywhere.
    private func judge(_ result: ResultDirectory, _ outcome: CrashScenario.Outcome, _ state: String) -> [String] {
        var wrong: [String] = []
        if result.state != state { wrong.append("its state is \(result.state ?? "missing"), the history's \(state)") }
        let status = result.status
        if status["state"] as? String != state { wrong.append("status.json says \(status["state"] ?? "nothing")") }
        if status["run"] as? String != String(result.path.suffix(26)) { wrong.append("status.json is of another run") }
        let hasExit = state == "succeeded" || state == "failed"
        if result.has("exit_code") != hasExit { wrong.append("exit_code is \(hasExit ? "missing" : "too much")") }
        var needed: Set<String> = ["state", "status.json", "stdout", "stderr"]
        if state != "rejected" { needed.insert("manifest.json") }
        // What never ran has left nothing.
        if state != "rejected" && state != "invalid_input" { needed.insert("files") }
        if outcome.attempts > 1 { needed.insert("attempts") }
        let known = needed.union(["exit_code", "sent", "result.json"])
        let missing = needed.subtracting(result.entries)
        let more = Set(result.entries).subtracting(known)
        if !missing.isEmpty || !more.isEmpty {
            wrong.append("\(missing.sorted()) are missing, \(more.sorted()) too much")
        }
        if state != outcome.state { return wrong }
        if let stdout = outcome.stdout, result.stdout != stdout { wrong.append("its stdout is '\(result.stdout)'") }
        for file in outcome.files where !result.has(file) { wrong.append("\(file) is missing") }
        let dropped = (status["dropped_files"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String }
        if !outcome.dropped.isSubset(of: dropped) { wrong.append("it tells of the dropped \(dropped) alone") }
        return wrong
    }

    private func judgeLink(_ scenario: CrashScenario) -> [String] {
        let link = spool.outbox() + "/job"
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        let expected = scenario.linked.map { "job.\(id($0))" }
        // A link to what its reader took away hangs in the air, unless it was not set yet.
        let isTaken = scenario.outcomes.contains { $0.run == scenario.linked && $0.isTaken }
        if target == expected || (isTaken && target == nil) { return [] }
        return ["the link shows \(target ?? "nothing"), and not \(expected ?? "nothing")"]
    }
}
