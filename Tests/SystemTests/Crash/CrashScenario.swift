import Foundation

/// One way through the daemon that is cut off at each of its points: what lies there before, what is done, and what must come of it.
struct CrashScenario: Sendable {
    /// What somebody outside does. Each waits until it can be done, in whichever daemon is running by then.
    enum Action: Sendable {
        case drop(Drop)
        /// Waits until the script says that it begins, or its run is over.
        case awaitStart(Int)
        case awaitEnd(Int)
        /// Lets one script go on that waits at the gate.
        case openGate
        /// A reader removes what is to be seen of a run that is under way.
        case deleteActive(Int)
        /// A reader writes nonsense into it.
        case editActive(Int)
        /// A reader takes the result away as soon as it is there.
        case deleteResult(Int)
        case request(String)
        case cancel(Int)
        case pause
        case resume
    }

    /// A bundle and the last digit of its run's id.
    struct Drop: Sendable {
        let form: CrashBundle
        let run: Int
    }

    /// What must come of a run if nothing is lost: its state, and how often its script begins.
    struct Outcome: Sendable {
        let run: Int
        var state = "succeeded"
        var starts = 1
        var stdout: String? = "out\n"
        /// What must be in its result beside the usual.
        var files: Set<String> = ["files/left"]
        /// States that it may have instead if it was under way at the cut.
        var cutStates: Set<String> = ["interrupted"]
        /// Whether its reader has taken the result away, or a sweep.
        var isTaken = false
        /// Names that status.json must list as dropped, unless it was cut off while it ran.
        var dropped: Set<String> = []
        var isSwept = false
        /// How many attempts its manifest asks for: its script may begin as often.
        var attempts = 1
    }

    let name: String
    /// Done before by a daemon that is stopped then; all cases begin with a copy of what is there afterwards.
    var before: [Action] = []
    /// If the daemon before was cut off, where: the first point with this in it.
    var beforeCut: String?
    var actions: [Action]
    var outcomes: [Outcome]
    /// The run that the name's link shows in the end; nil: no link.
    var linked: Int? = 1
    /// Further lines of bobbin.yaml while it is cut.
    var settings = ""
}

/// What is dropped; every script says that it begins, and prints what it gets.
enum CrashBundle: Sendable {
    case script, directory, archive
    /// The script waits at the gate.
    case gatedScript, gatedDirectory
    /// So many files that a worker of the launcher takes it over.
    case large
    /// Everything that a manifest can make the daemon write.
    case elaborate
    /// Its manifest is wrong.
    case wrong
    /// Its input is not as its schema says.
    case unfit
    /// It and its result are as its schemas say.
    case fit
    /// It leaves more files than it may, and what no result may have.
    case excessive
    /// With what `bobbin submit` sends beside it.
    case submitted
    /// Its first attempt fails, and its manifest asks for another.
    case retried

    var ending: String {
        switch self {
        case .script, .gatedScript, .submitted: ".sh"
        case .archive: ".tar.gz"
        default: ""
        }
    }
}
