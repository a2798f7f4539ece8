internal import Linux
internal import SandboxProtocol

/// Which places of the spool each verb may be asked to work on.
///
/// The daemon asks for nothing else; but who has taken it over can send anything, and is kept to this: what droppers sent is moved
/// into a run and nowhere else, what lies in an outbox can only be thrown away, and the history, the settings and what the daemon
/// notes for itself are touched by no verb at all.
enum RequestRules {
    /// Why a request is refused, as a sentence's end; nil if it is one that the daemon has reasons for.
    static func refusal(of request: Request) -> String? {
        isAllowed(request) ? nil : "\(request.subject) is beyond what the verb is for"
    }

    /// Where a run may be: in a directory of `state/runs`, and writable in what is unpacked there alone. An environment is written to
    /// only where it is built, by who sees nothing of any run; what a run sees was sealed.
    static func allows(_ plan: SandboxPlan) -> Bool {
        switch plan.workspace {
        case .overlay: isRun(plan.place) && plan.packages.map(ShownEnvironment.isKey) ?? true
        case .direct(let name): isRun(plan.place) && name == takenOver && plan.packages == nil
        case .empty: isRun(plan.place) && plan.packages == nil && plan.shown.isSubset(of: [.schema])
        case .building: isBuilt(plan.place) && plan.packages == nil && plan.shown.isSubset(of: [.resolver])
        }
    }

    private static let takenOver: EntryName = "bundle.tmp"
    private static let archive: EntryName = "archive"
    /// What of a result the daemon makes anew or puts away.
    private static let ownParts: [EntryName] = [
        "attempts", "stdout", "stderr", "log.jsonl", "result.json", "result.csv", FileVerbs.files,
    ]
    /// What of a result a new history is made from.
    private static let documents: [EntryName] = ["status.json", "manifest.json"]

    private static func isAllowed(_ request: Request) -> Bool {
        switch request {
        case .claim(let queue, _, let run, let newName):
            isQueue(queue, of: "inbox") && isRun(run) && [FileVerbs.sent, "submit.json"].contains(newName)
        case .look(let queue, _): isQueue(queue, of: "inbox")
        case .take(let run, let name, _, _, _): isRun(run) && [takenOver, archive].contains(name)
        case .collect(let run, let result, let trash, _, _, _):
            isRun(run) && isResult(result) && (trash.map { $0.names == Self.trash } ?? true)
        case .sendBack(let run, let result, _): isRun(run) && isResult(result)
        case .publish(let active, let outbox, _, _):
            isQueue(active, of: "active") && isQueue(outbox, of: "outbox") && active.names.last == outbox.names.last
        case .remove(let place, let name): mayRemove(name, in: place)
        case .discard(let place, let name, let trash, _, _): mayDiscard(name, in: place) && trash.names == Self.trash
        case .copy(let place, let name, let target, let newName, _):
            isPublished(place)
                ? documents.contains(name) && target.names == trash && newName.hasPrefix("rebuild.")
                : mayCopy(name, of: place) && (target.names == answers || isRun(target) && newName == FileVerbs.sent)
        case .measure(let place, let name): mayMeasure(name, in: place)
        case .sample(let place, let name, _, _):
            isRun(place) && name == FileVerbs.upper || isBuilt(place) && name == ShownEnvironment.tree
        case .seal(let place, _, _): isBuilt(place)
        case .makeDirectory(let place, let name, let mode, let model): mayMake(name, in: place, mode, like: model)
        // Not verbs on places.
        case .run, .terminate, .kill, .reap, .probe, .controlGroup: true
        }
    }

    private static func mayRemove(_ name: EntryName, in place: Place) -> Bool {
        if isRun(place) { return [takenOver, archive, FileVerbs.bundle, FileVerbs.sent].contains(name) }
        if isResult(place) { return ownParts.contains(name) }
        return isQueue(place, of: "active") || place.names == answers || place.names == trash
    }

    private static func mayDiscard(_ name: EntryName, in place: Place) -> Bool {
        if isRun(place) { return [FileVerbs.sent, FileVerbs.bundle].contains(name) }
        return isQueue(place, of: "outbox") || place.names == archived || place.names == environments
    }

    /// A bundle as it was sent: a directory, an archive, or the one script of a bundle.
    private static func mayCopy(_ name: EntryName, of place: Place) -> Bool {
        if isRun(place) || isArchived(place) { return [FileVerbs.bundle, archive].contains(name) }
        guard place.names.last == FileVerbs.bundle else { return false }
        let above = Place(Array(place.names.dropLast()))
        return isRun(above) || isArchived(above)
    }

    private static func mayMeasure(_ name: EntryName, in place: Place) -> Bool {
        if place.names.isEmpty { return ["inbox", "active", "history"].contains(name) }
        if place.names == ["state"] { return ["runs", "environments"].contains(name) }
        if isRun(place) { return name == FileVerbs.sent }
        if isPublished(place) { return documents.contains(name) }
        return isQueue(place, of: "outbox") || place.names == archived || place.names == environments
    }

    /// `active/Q` and `outbox/Q`, like `inbox/Q`, or like `inbox` itself for a queue whose own is gone.
    private static func mayMake(_ name: EntryName, in place: Place, _ mode: UInt32, like model: Place) -> Bool {
        let wanted: UInt32? =
            switch place.names {
            case ["active"]: 0o2750
            case ["outbox"]: 0o2770
            default: nil
            }
        return mode == wanted && (model.names == ["inbox"] || model.names == ["inbox", name])
    }

    // MARK: Places

    private static let trash: [EntryName] = ["state", "trash"]
    private static let archived: [EntryName] = ["state", "archive"]
    private static let environments: [EntryName] = ["state", "environments"]
    private static let answers: [EntryName] = ["control", "answers"]

    private static func isQueue(_ place: Place, of top: EntryName) -> Bool {
        place.names.count == 2 && place.names[0] == top
    }

    private static func isResult(_ place: Place) -> Bool { place.names.count == 3 && place.names[0] == "active" }

    /// The launcher asks it, too: such a file is its reader's.
    static func isPublished(_ place: Place) -> Bool { place.names.count == 3 && place.names[0] == "outbox" }

    private static func isRun(_ place: Place) -> Bool {
        place.names.count == 3 && place.names.starts(with: ["state", "runs"])
    }

    /// Where an environment is being built.
    private static func isBuilt(_ place: Place) -> Bool {
        guard place.names.count == 3, place.names.starts(with: environments), let name = place.names.last,
            name.hasSuffix(ShownEnvironment.unfinished)
        else { return false }
        return ShownEnvironment.isKey(EntryName(bytes: name.bytes.dropLast(ShownEnvironment.unfinished.utf8.count)))
    }

    private static func isArchived(_ place: Place) -> Bool {
        place.names.count == 3 && place.names.starts(with: archived)
    }
}
