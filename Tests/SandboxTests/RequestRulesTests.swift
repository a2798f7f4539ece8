import Linux
import SandboxProtocol
import Testing

@testable import LauncherCore

/// What each verb may be asked to work on: what the daemon asks for, and nothing beside it.
@Suite struct RequestRulesTests {
    private static let queue = Place(["inbox", "q"])
    private static let active = Place(["active", "q"])
    private static let outbox = Place(["outbox", "q"])
    private static let run = Place(["state", "runs", "R"])
    private static let result = Place(["active", "q", "n.R"])
    private static let published = Place(["outbox", "q", "n.R"])
    private static let trash = Place(["state", "trash"])
    private static let archive = Place(["state", "archive"])
    private static let archived = Place(["state", "archive", "R"])
    private static let environments = Place(["state", "environments"])
    private static let key: EntryName = "0123456789abcdef0123456789abcdef"
    private static let built = Place(["state", "environments", "0123456789abcdef0123456789abcdef.tmp"])
    private static let answers = Place(["control", "answers"])
    private static let nobody = FileOwnership(owner: 1, group: 1)

    private static func take(_ place: Place, _ name: EntryName) -> Request {
        .take(run: place, name: name, form: .directory, bytes: 1, entries: 1)
    }
    private static func collect(_ run: Place, _ result: Place, _ trash: Place?) -> Request {
        .collect(run: run, result: result, trash: trash, ownership: nobody, bytes: 1, entries: 1)
    }
    private static func discard(_ place: Place, _ name: EntryName, _ trash: Place = trash) -> Request {
        .discard(place: place, name: name, trash: trash, newName: "x", deletes: true)
    }
    private static func copy(_ place: Place, _ name: EntryName, _ target: Place, _ newName: EntryName) -> Request {
        .copy(place: place, name: name, target: target, newName: newName, ownership: nobody)
    }
    private static func make(_ place: Place, _ name: EntryName, _ mode: UInt32, _ model: Place) -> Request {
        .makeDirectory(place: place, name: name, mode: mode, model: model)
    }

    /// Every call of the engine.
    static let allowed: [Request] = [
        .claim(queue: queue, name: "any", run: run, newName: "sent"),
        .claim(queue: queue, name: ".R.submit.json", run: run, newName: "submit.json"),
        .look(queue: queue, name: "any"), take(run, "bundle.tmp"), take(run, "archive"),
        collect(run, result, trash), collect(run, result, nil), .sendBack(run: run, result: result, ownership: nobody),
        .publish(active: active, outbox: outbox, name: "n.R", ownership: nobody),
        .remove(place: run, name: "bundle.tmp"), .remove(place: run, name: "archive"),
        .remove(place: run, name: "bundle"), .remove(place: run, name: "sent"),
        .sample(place: run, name: "upper", bytes: 1, entries: 1),
        .remove(place: active, name: "n.R"), .remove(place: result, name: "attempts"),
        .remove(place: result, name: "files"),
        .remove(place: result, name: "stdout"), .remove(place: answers, name: "a.bundle"),
        .remove(place: trash, name: "any"),
        discard(run, "sent"), discard(run, "bundle"), discard(outbox, "n.R"), discard(archive, "R"),
        discard(environments, "e"),
        copy(run, "bundle", run, "sent"), copy(archived, "archive", run, "sent"),
        copy(archived, "bundle", answers, "a.bundle"),
        copy(archived.appending("bundle"), "main.py", run, "sent"),
        copy(published, "status.json", trash, "rebuild.x"), .measure(place: published, name: "manifest.json"),
        .measure(place: Place([]), name: "inbox"), .measure(place: Place(["state"]), name: "runs"),
        .measure(place: run, name: "sent"), .measure(place: outbox, name: "n.R"), .measure(place: archive, name: "R"),
        .sample(place: built, name: "env", bytes: 1, entries: 1), .seal(place: built, bytes: 1, entries: 1),
        discard(environments, "0123456789abcdef0123456789abcdef.tmp"),
        make(Place(["active"]), "q", 0o2750, queue), make(Place(["outbox"]), "q", 0o2770, queue),
        make(Place(["outbox"]), "q", 0o2770, Place(["inbox"])),
    ]

    static let refused: [Request] = [
        .claim(queue: outbox, name: "any", run: run, newName: "sent"),
        .claim(queue: Place(["state", "runs"]), name: "any", run: run, newName: "sent"),
        .claim(queue: Place([]), name: "bobbin.yaml", run: run, newName: "sent"),
        .claim(queue: queue, name: "any", run: run, newName: "run.json"),
        .claim(queue: queue, name: "any", run: run, newName: "bundle"),
        .claim(queue: queue, name: "any", run: trash, newName: "sent"),
        .claim(queue: queue, name: "any", run: archived, newName: "sent"),
        .look(queue: Place(["history"]), name: "history.sqlite"), .look(queue: run, name: "sent"),
        take(run, "run.json"), take(run, "sent"), take(archived, "bundle.tmp"), take(queue, "archive"),
        collect(archived, result, trash), collect(run, outbox.appending("n.R"), trash), collect(run, result, archive),
        .sendBack(run: run, result: outbox.appending("n"), ownership: nobody),
        .publish(active: active, outbox: Place(["outbox", "r"]), name: "n.R", ownership: nobody),
        .publish(active: outbox, outbox: active, name: "n.R", ownership: nobody),
        .publish(active: Place(["state", "runs"]), outbox: outbox, name: "R", ownership: nobody),
        .sample(place: run, name: "bundle", bytes: 1, entries: 1),
        .sample(place: outbox, name: "upper", bytes: 1, entries: 1),
        .sample(place: built, name: "bundle", bytes: 1, entries: 1),
        .sample(place: run, name: "env", bytes: 1, entries: 1),
        .seal(place: run, bytes: 1, entries: 1), .seal(place: environments, bytes: 1, entries: 1),
        .seal(place: environments.appending(key), bytes: 1, entries: 1),
        .seal(place: environments.appending("x.tmp"), bytes: 1, entries: 1),
        .seal(place: Place(["state", "archive", "0123456789abcdef0123456789abcdef.tmp"]), bytes: 1, entries: 1),
        .remove(place: built, name: "env"), .remove(place: environments, name: key),
        .remove(place: Place([]), name: "history"), .remove(place: Place(["history"]), name: "history.sqlite"),
        .remove(place: Place(["state"]), name: "lock"), .remove(place: run, name: "run.json"),
        .remove(place: outbox, name: "n.R"), .remove(place: queue, name: "any"), .remove(place: archive, name: "R"),
        .remove(place: Place(["state", "runs"]), name: "R"), .remove(place: result, name: "status.json"),
        discard(queue, "any"), discard(run, "run.json"), discard(Place([]), "bobbin.yaml"),
        discard(Place(["state"]), "runs"),
        discard(outbox, "n.R", answers), discard(outbox, "n.R", outbox),
        copy(Place(["history"]), "history.sqlite", answers, "a.bundle"), copy(run, "run.json", answers, "a.bundle"),
        copy(queue, "any", run, "sent"), copy(run, "bundle", run, "bundle"), copy(run, "bundle", outbox, "n"),
        copy(published, "stdout", trash, "rebuild.x"), copy(published, "status.json", answers, "a"),
        copy(published, "status.json", trash, "run"),
        copy(run, "sent", answers, "a"), copy(outbox.appending("bundle"), "x", answers, "a"),
        .measure(place: run, name: "run.json"), .measure(place: Place(["state"]), name: "archive"),
        make(Place(["active"]), "q", 0o2770, queue), make(Place(["outbox"]), "q", 0o2777, queue),
        make(Place(["outbox"]), "q", 0o2770, Place(["inbox", "r"])),
        make(Place(["outbox"]), "q", 0o2770, Place(["state"])),
        make(Place(["state"]), "runs", 0o2770, queue), make(Place([]), "history", 0o2770, queue),
        make(outbox, "n", 0o2770, queue),
    ]

    @Test("what the daemon asks for", arguments: allowed) func allows(_ request: Request) {
        #expect(RequestRules.refusal(of: request) == nil)
    }

    @Test("what it has no reason to ask for", arguments: refused) func refuses(_ request: Request) {
        #expect(RequestRules.refusal(of: request) != nil)
    }

    @Test(
        "where a run may be",
        arguments: [
            (run, SandboxPlan.Workspace.overlay, true), (run, .direct("bundle.tmp"), true),
            (run, .direct("bundle"), false),
            (run, .direct("sent"), false), (run, .empty, true), (archived, .empty, false),
            (Place(["state", "runs"]), .overlay, false), (Place([]), .overlay, false),
            (archived, .overlay, false), (result, .overlay, false),
            (Place(["state", "runs", "R", "x"]), .overlay, false),
            (built, .building, true), (built, .overlay, false), (built, .direct("env"), false), (run, .building, false),
            (environments.appending(key), .building, false), (environments, .building, false),
            (environments.appending("x.tmp"), .building, false), (built.appending("env"), .building, false),
        ])
    func runs(_ place: Place, _ workspace: SandboxPlan.Workspace, _ isAllowed: Bool) {
        let plan = SandboxPlan(
            place: place, slot: 0, program: .path([]), arguments: [], environment: [], workspace: workspace)
        #expect(RequestRules.allows(plan) == isAllowed)
    }

    /// What is written to is never what runs see, and who writes sees nothing of a run.
    @Test func whatIsWrittenToAndWhatIsSeen() {
        func plan(
            _ place: Place, _ workspace: SandboxPlan.Workspace, _ environment: EntryName?, _ shown: Set<ShownFile> = []
        ) -> SandboxPlan {
            var plan = SandboxPlan(
                place: place, slot: 0, program: .path([]), arguments: [], environment: [], workspace: workspace)
            plan.packages = environment
            plan.shown = shown
            return plan
        }
        #expect(RequestRules.allows(plan(Self.run, .overlay, Self.key)))
        #expect(RequestRules.allows(plan(Self.built, .building, nil, [.resolver])))
        for refused in [
            plan(Self.run, .overlay, "0123456789abcdef0123456789abcdef.tmp"), plan(Self.run, .overlay, "x"),
            plan(Self.run, .direct("bundle.tmp"), Self.key), plan(Self.built, .building, Self.key),
            plan(Self.built, .building, nil, [.input]), plan(Self.built, .building, nil, [.result]),
            plan(Self.run, .overlay, "0123456789ABCDEF0123456789ABCDEF"),
        ] { #expect(!RequestRules.allows(refused), "\(refused.place)") }
    }
}
