import Bundles
import Linux
import Presentation
import Runs
import Spool

/// The spool itself: its settings, its disk, its daemon, and what lies where it should not.
struct SpoolExamination {
    private(set) var findings: [Finding] = []
    private(set) var settings = Settings()

    init(_ view: SpoolView) {
        findings.append(.ok("spool", view.path))
        do {
            settings = try view.settingsText().map { try SettingsFile.reading($0).get() }?.settings ?? Settings()
            findings.append(.ok("bobbin.yaml", "without errors"))
        } catch {
            findings.append(
                Finding(
                    subject: "bobbin.yaml", verdict: .missing, detail: (error as? Failure)?.message ?? "\(error)",
                    meaning: "bobbind does not start with it.",
                    remedy: "correct it; every key: bobbin init in a new place",
                    isRequired: true))
        }
        addSpace(view)
        addDaemon(view)
        for hindrance in SpoolCondition.hindrances(view) {
            findings.append(
                Finding(
                    subject: hindrance.activity.rawValue, verdict: .missing, detail: hindrance.reason,
                    meaning: "\(hindrance.activity.words) has to wait, \(SpoolCondition.since(hindrance)).",
                    remedy: "as it says; the daemon goes on by itself then", isRequired: true))
        }
        for line in InboxReport(view, nil, []).strays {
            findings.append(Finding(subject: "inbox", verdict: .degraded, detail: line, meaning: "It is never run."))
        }
    }

    private mutating func addSpace(_ view: SpoolView) {
        if let line = SpaceText.line(view) {
            findings.append(.ok("space", String(line.dropFirst("space: ".count))))
        }
        guard let free = SpoolCondition.freeSpace(view.root) else { return }
        let least = settings.minFreeSpace
        if free >= least { return findings.append(.ok("free space", BytesText.text(free))) }
        findings.append(
            Finding(
                subject: "free space", verdict: .missing,
                detail: "\(BytesText.text(free)), less than min_free_space (\(BytesText.text(least)))",
                meaning: "Nothing new starts.", remedy: "delete results, or lower min_free_space in bobbin.yaml",
                isRequired: true))
    }

    private mutating func addDaemon(_ view: SpoolView) {
        switch SpoolLock.isHeld(stateOf: view.root) {
        case true?: findings.append(.ok("daemon", "runs"))
        case false?:
            findings.append(
                Finding(
                    subject: "daemon", verdict: .degraded, detail: "none runs on this spool",
                    meaning: "What is dropped waits.", remedy: "bobbind --spool \(view.path)"))
        case nil:
            findings.append(.ok("daemon", "not yours to see: run doctor as root or as the spool's owner"))
        }
    }
}
