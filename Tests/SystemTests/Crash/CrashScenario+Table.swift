extension CrashScenario {
    private static func over(_ form: CrashBundle, _ run: Int) -> [Action] {
        [.drop(Drop(form: form, run: run)), .awaitEnd(run)]
    }

    /// An older drop of the name is still under way while the second is dropped; which of them ends first.
    private static func beside(_ form: CrashBundle, olderLast: Bool) -> [Action] {
        let older: [Action] = [.drop(Drop(form: .gatedScript, run: 1)), .awaitStart(1)]
        let newer: [Action] = [.drop(Drop(form: form, run: 2))]
        return older + newer + (olderLast ? [.awaitEnd(2), .openGate] : [.awaitStart(2), .openGate])
    }

    private static let both = [Outcome(run: 1), Outcome(run: 2)]

    /// A spool where that step of the first daemon was the last, and which the second is cut off on.
    private static func recovery(_ step: String, at point: String, _ outcome: Outcome = Outcome(run: 1)) -> Self {
        Self(
            name: "recovery-\(step)", before: [.drop(Drop(form: .directory, run: 1))], beforeCut: point,
            actions: [.awaitEnd(1)], outcomes: [outcome])
    }

    private static let interrupted = Outcome(
        run: 1, state: "interrupted", starts: 0, stdout: nil, files: [], cutStates: ["interrupted"])

    static let all: [Self] = [
        Self(name: "script-first", actions: over(.script, 1), outcomes: [Outcome(run: 1)]),
        Self(name: "directory-first", actions: over(.directory, 1), outcomes: [Outcome(run: 1)]),
        Self(name: "archive-first", actions: over(.archive, 1), outcomes: [Outcome(run: 1)]),
        Self(name: "large-first", actions: over(.large, 1), outcomes: [Outcome(run: 1)]),
        Self(
            name: "elaborate", actions: over(.elaborate, 1),
            outcomes: [Outcome(run: 1, stdout: "out\n{\"n\":1}", files: ["files/left", "files/deep/kept"])]),
        Self(
            name: "submitted", actions: over(.submitted, 1), outcomes: [Outcome(run: 1, stdout: "out\n[7]")]),
        Self(
            name: "excessive", actions: over(.excessive, 1),
            outcomes: [Outcome(run: 1, state: "limit_exceeded", files: [], dropped: ["pipe"])]),
        Self(
            name: "wrong", actions: over(.wrong, 1),
            outcomes: [Outcome(run: 1, state: "rejected", starts: 0, stdout: nil, files: ["sent/manifest.yaml"])]),
        Self(
            name: "unfit", actions: over(.unfit, 1),
            outcomes: [Outcome(run: 1, state: "invalid_input", starts: 0, stdout: nil, files: [])]),
        Self(
            name: "fit", actions: over(.fit, 1),
            outcomes: [Outcome(run: 1, stdout: "out\n{\"n\":1}", files: ["files/left", "result.json"])]),

        // Its second attempt is the last, whichever way the first one ended.
        Self(
            name: "retried", actions: over(.retried, 1),
            outcomes: [Outcome(run: 1, starts: 2, files: ["files/left", "attempts/1/stdout"], attempts: 2)]),

        // A name again.
        Self(
            name: "script-again", before: over(.script, 1), actions: over(.script, 2), outcomes: both, linked: 2),
        Self(
            name: "directory-again", before: over(.archive, 1), actions: over(.directory, 2), outcomes: both, linked: 2),
        Self(
            name: "archive-again", before: over(.directory, 1), actions: over(.archive, 2), outcomes: both, linked: 2),
        Self(
            name: "script-beside", actions: beside(.script, olderLast: false), outcomes: both, linked: 2),
        Self(
            name: "directory-beside", actions: beside(.directory, olderLast: true), outcomes: both, linked: 2),
        Self(
            name: "archive-beside", actions: beside(.archive, olderLast: true), outcomes: both, linked: 2),

        // The same run again: before, while and after it runs.
        Self(
            name: "same-after", before: over(.script, 1), actions: [.drop(Drop(form: .script, run: 1))],
            outcomes: [Outcome(run: 1)]),
        Self(
            name: "same-meanwhile",
            actions: [
                .drop(Drop(form: .gatedScript, run: 1)), .awaitStart(1), .drop(Drop(form: .gatedScript, run: 1)),
                .openGate,
            ], outcomes: [Outcome(run: 1)]),

        // Readers, who may do as they like.
        Self(
            name: "reader-deletes-waiting",
            actions: [.pause, .drop(Drop(form: .directory, run: 1)), .deleteActive(1), .resume],
            outcomes: [Outcome(run: 1)]),
        Self(
            name: "reader-edits-running",
            actions: [.drop(Drop(form: .gatedDirectory, run: 1)), .awaitStart(1), .editActive(1), .openGate],
            outcomes: [Outcome(run: 1, stdout: nil)]),
        Self(
            name: "reader-deletes-running",
            actions: [.drop(Drop(form: .gatedDirectory, run: 1)), .awaitStart(1), .deleteActive(1), .openGate],
            outcomes: [Outcome(run: 1, stdout: nil)]),
        Self(
            name: "reader-deletes-result", actions: over(.script, 1) + [.deleteResult(1)],
            outcomes: [Outcome(run: 1, isTaken: true)]),
        Self(
            name: "cancelled",
            actions: [.drop(Drop(form: .gatedDirectory, run: 1)), .awaitStart(1), .cancel(1)],
            outcomes: [
                Outcome(run: 1, state: "cancelled", stdout: nil, files: [], cutStates: ["cancelled", "interrupted"])
            ]),

        // Runs again out of the archive, and sweeps.
        Self(
            name: "replay-directory", before: over(.directory, 1),
            actions: [
                .request(#"{"request":"retry","parent":"RUN1","run":"RUN2","read_manifest":false}"#), .awaitEnd(2),
            ],
            outcomes: both, linked: 2),
        Self(
            name: "replay-archive", before: over(.archive, 1),
            actions: [
                .request(
                    #"{"request":"retry","parent":"RUN1","run":"RUN2","read_manifest":true,"input":[7]}"#),
                .awaitEnd(2),
            ],
            outcomes: [Outcome(run: 1), Outcome(run: 2, stdout: "out\n[7]")], linked: 2),
        Self(
            name: "sweep", before: over(.directory, 1) + over(.script, 2), actions: [],
            outcomes: [Outcome(run: 1, isTaken: true, isSwept: true), Outcome(run: 2, isTaken: true, isSwept: true)],
            linked: nil,
            settings: """
                retention: {sweep_every: 1s, results: {age: 1s, failed_age: 1s, keep_last: never},
                    archive: {age: 1s, failed_age: 1s}}
                """),

        // What a crash left is cut off once more while it is put in order.
        recovery("claimed", at: "launcher rename inbox/default"),
        recovery("taken-over", at: "launcher chmod state/runs/RUN1/bundle.tmp"),
        recovery("accepted", at: "bobbind rename state/runs/RUN1/bundle.tmp"),
        recovery("queued", at: "bobbind rename active/default/job.RUN1/.status.json.new"),
        recovery("running", at: "launcher start state/runs/RUN1", interrupted),
        recovery("ended", at: "launcher rename state/runs/RUN1/upper"),
        recovery("noted", at: "bobbind rename active/default/job.RUN1/.exit_code.new"),
        recovery("finished", at: "launcher rename active/default/job.RUN1 >"),
        recovery("published", at: "bobbind symlink outbox/default/job"),
        recovery("remembered", at: "bobbind rename state/runs/RUN1 > state/archive"),
    ]
}
