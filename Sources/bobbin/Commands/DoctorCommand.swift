import ArgumentParser
import Glibc
import Linux
import Runs
import Spool

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine can enforce, what is missing and how to get it.",
        discussion: """
            Tries each mechanism in a throw-away sandbox, as the user who calls it: run it as who will run bobbind. Exits 1 if \
            something is missing that the settings require.

            EXAMPLES
              bobbin doctor
              sudo bobbin doctor --spool /var/spool/bobbin
              bobbin doctor --json | jq -r 'select(.verdict != "ok") | .remedy'
            """)

    @OptionGroup var spool: SpoolOption

    @Flag(help: "One object a line: check, verdict, required, detail, meaning, remedy.")
    var json = false

    func run() throws {
        var findings: [Finding] = []
        var settings = Settings()
        var view: SpoolView?
        do {
            let found = try spool.view()
            let examination = SpoolExamination(found)
            findings += examination.findings
            settings = examination.settings
            view = found
        } catch {
            // A machine can be looked at before it has a spool.
            findings.append(
                Finding(
                    subject: "spool", verdict: .degraded, detail: error.message,
                    meaning: "The sandbox is tried in a temporary directory instead.", remedy: "bobbin init"))
        }
        let require = settings.sandbox.require
        findings += FilesystemExamination.findings(view, try? MountTable.ofProcess())
        findings += KernelExamination.findings()
        findings += UserExamination.findings(isRoot: geteuid() == 0)
        findings += ControlGroupExamination(view: view, settings: settings).findings()
        findings += SandboxExamination(view: view, require: require).findings()
        findings += RuntimeExamination.findings(settings) + EnvironmentExamination.findings(settings)
        let width = findings.map(\.subject.count).max() ?? 0
        for finding in findings {
            if json { Console.print(finding.json()) } else { finding.lines(width: width).forEach(Console.print) }
        }
        let missing = findings.filter { $0.verdict == .missing && $0.isRequired }
        if missing.isEmpty { return }
        throw Failure(.no, "required, and missing: \(missing.map(\.subject).joined(separator: ", "))")
    }
}
