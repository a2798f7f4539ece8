import Testing

/// Cuts at which something was lost once; the matrix has them as well, among all the others.
@Suite(.inTurn) struct CrashRegressionTests {
    struct Loss: Sendable, CustomTestStringConvertible {
        let what: String
        let scenario: String
        /// The beginning of a point.
        let point: String
        /// Whether the daemon dies with its launcher.
        var all = false

        var testDescription: String { what }
    }

    static let losses = [
        Loss(
            what: "a directory of a new spool had no owner yet, and no daemon could start",
            scenario: "script-first", point: "bobbind chown .state.new"),
        Loss(
            what: "the launcher died before the run began, which was errored",
            scenario: "script-first", point: "launcher clone state/runs/RUN1"),
        Loss(
            what: "the launcher died when half of a result was its reader's, which was never published",
            scenario: "directory-first", point: "launcher chown active/default/job.RUN1/state"),
        Loss(
            what: "the machine died when half of a result was its reader's, which was never published",
            scenario: "directory-first", point: "launcher chown active/default/job.RUN1/state", all: true),
        Loss(
            what: "a queue's word of a state was left half made",
            scenario: "script-first", point: "bobbind rename active/default/.queued.job.RUN1"),
        Loss(
            what: "a bundle was taken and its input not yet, without which it ran",
            scenario: "submitted", point: "launcher rename inbox/default/.RUN1.submit.json", all: true),
        Loss(
            what: "the files over a limit were deleted, and then none were over it",
            scenario: "excessive", point: "launcher rename state/runs/RUN1/upper", all: true),
        Loss(
            what: "the launcher could not say any more what it had dropped",
            scenario: "excessive", point: "launcher answer collect"),
        Loss(
            what: "a worker was killed, and the run errored",
            scenario: "large-first", point: "worker answer take over"),
    ]

    @Test("what was lost once is there", .needs("sqlite3", "tar"), arguments: losses)
    func again(_ loss: Loss) async throws {
        let scenario = try #require(CrashScenario.all.first { $0.name == loss.scenario })
        let lab = try await CrashLab(scenario, TemporarySpool.Mode.possible[0])
        let point = lab.points.first { $0.hasPrefix(loss.point) }
        if let point {
            let verdict = try await lab.cut(at: point, all: loss.all)
            #expect(verdict.isReached && verdict.wrong.isEmpty, "\(verdict.wrong)\n\(verdict.log.suffix(2000))")
        } else if TemporarySpool.Mode.possible[0] == .root {
            Issue.record("nothing passes '\(loss.point)' any more")
        }
        await lab.remove()
    }
}
