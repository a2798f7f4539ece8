// The crash matrix: for each scenario, every point at which the daemon or its launcher changes the disk is recorded, and then each of
// them in turn is where it dies; the next daemon must make of it what the contract says. Nothing here names a point: they name
// themselves (Sources/Linux/CutPoint.swift), so a new step is cut off without anybody having to think of it.
//
// In CI each kind of point is cut off in the first scenario that has it. `make test-crash` cuts off every point of every scenario;
// CASE='SCENARIO|POINT' repeats a single one. The launcher is cut off with and without the daemon.

import Foundation
import Glibc
import Synchronization
import Testing

@Suite(.inTurn) struct CrashMatrixTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let lanes = Int(environment["BOBBIN_CRASH_LANES"] ?? "") ?? 4
    /// `all`, `SCENARIO`, or `SCENARIO|POINT`.
    private static let wish = environment["BOBBIN_CRASH"] ?? ""

    private struct Case: Sendable {
        let lab: CrashLab
        let point: String
        let all: Bool

        var name: String { "\(lab.scenario.name)|\(all ? "all " : "")\(point)" }
    }

    @Test("every point where the disk is changed is survived", .needs("sqlite3", "tar"))
    func matrix() async throws {
        let begun = ContinuousClock.now
        let modes: [TemporarySpool.Mode] =
            Self.wish.isEmpty ? [TemporarySpool.Mode.possible[0]] : TemporarySpool.Mode.possible
        for mode in modes {
            let labs = try await prepare(mode)
            let cases = Self.choose(labs)
            let unreached = await cutAll(cases)
            for lab in labs { await lab.remove() }
            let points = Set(labs.flatMap(\.points).map { Self.kind(of: $0) })
            let cut = Set(cases.map { Self.kind(of: $0.point) })
            Self.say(
                "crash matrix, \(mode): \(labs.count) scenarios, \(points.count) kinds of points, \(cut.count) of them cut off in"
                    + " \(cases.count) cases; \(unreached.count) were not passed again;"
                    + " \((ContinuousClock.now - begun).components.seconds) s so far")
            for name in unreached { Self.say("  not passed again: \(name)") }
            #expect(unreached.count * 50 <= cases.count, "what is recorded must be what is cut off")
        }
    }

    private func prepare(_ mode: TemporarySpool.Mode) async throws -> [CrashLab] {
        let wanted = Self.wish.split(separator: "|").first.map(String.init) ?? "all"
        let scenarios = CrashScenario.all.filter { wanted == "all" || $0.name == wanted }
        return try await Self.inLanes(scenarios) { scenario -> CrashLab? in
            do {
                return try await CrashLab(scenario, mode)
            } catch {
                Issue.record("\(error)")
                return nil
            }
        }.compactMap { $0 }.sorted { left, right in
            let names = CrashScenario.all.map(\.name)
            return (names.firstIndex(of: left.scenario.name) ?? 0) < (names.firstIndex(of: right.scenario.name) ?? 0)
        }
    }

    /// At once, since a summary after minutes of silence is late.
    private static func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

    /// A point, whichever run it is of and however often it was passed before.
    private static func kind(of point: String) -> String {
        String(point.replacing(/RUN\d*/, with: "RUN").prefix { $0 != "#" })
    }

    private static func choose(_ labs: [CrashLab]) -> [Case] {
        if wish.contains("|") {
            let name = wish.split(separator: "|", maxSplits: 1)[1]
            let all = name.hasPrefix("all ")
            return labs.map { Case(lab: $0, point: String(all ? name.dropFirst(4) : name), all: all) }
        }
        var known: Set<String> = []
        return labs.flatMap { lab in
            lab.points.filter { !wish.isEmpty || known.insert(kind(of: $0)).inserted }.flatMap { point in
                // The launcher dies alone, and with the daemon.
                (point.hasPrefix("bobbind ") ? [false] : [false, true]).map { Case(lab: lab, point: point, all: $0) }
            }
        }
    }

    /// The names of those whose point was not passed.
    private func cutAll(_ cases: [Case]) async -> [String] {
        let done = Mutex(0)
        let results = try? await Self.inLanes(cases) { item -> String? in
            let number = done.withLock { done in
                done += 1
                return done
            }
            if number.isMultiple(of: 100) { Self.say("crash matrix: \(number) of \(cases.count)") }
            for attempt in 1...2 {
                let verdict = try await item.lab.cut(at: item.point, all: item.all)
                if verdict.isReached || attempt == 2 {
                    Self.judge(item, verdict)
                    return verdict.isReached ? nil : item.name
                }
            }
            return nil
        }
        return (results ?? []).compactMap { $0 }
    }

    private static func judge(_ item: Case, _ verdict: CrashLab.Verdict) {
        if verdict.wrong.isEmpty { return }
        let log = verdict.log.split(separator: "\n").filter { !$0.contains(" info: ") }.suffix(12).joined(
            separator: "\n")
        Issue.record(
            """
            \(verdict.wrong.joined(separator: "\n"))
            again: make test-crash CASE='\(item.name)'
            \(log)
            """)
    }

    /// Does something with all of them, so many at a time.
    private static func inLanes<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            var rest = items[...]
            for item in rest.prefix(lanes) { group.addTask { try await body(item) } }
            rest = rest.dropFirst(lanes)
            var results: [Result] = []
            while let result = try await group.next() {
                results.append(result)
                if let item = rest.popFirst() { group.addTask { try await body(item) } }
            }
            return results
        }
    }
}
