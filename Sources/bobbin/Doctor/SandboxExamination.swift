import Glibc
import Linux
import Runs
import Sandbox
import SandboxProtocol
import Spool
import SystemPackage
import Trees

/// Tries each mechanism alone, and then all of them in a throw-away sandbox on the spool's own filesystem.
struct SandboxExamination {
    let view: SpoolView?
    let require: Set<Settings.Mechanism>

    func findings() -> [Finding] {
        guard let program = Program.find("bobbin-launcher") else {
            return [
                Finding(
                    subject: "launcher", verdict: .missing,
                    detail: "no bobbin-launcher beside bobbin or in ../libexec/bobbin",
                    meaning: "Nothing can be run.", remedy: "install Bobbin as a whole: make install", isRequired: true)
            ]
        }
        do {
            if let findings = try inSpool(program) { return findings }
            return try PrivateDirectory.with { place throws(Failure) in
                try examine(program, place, "in a temporary directory: the spool is not yours")
            }
        } catch {
            return [
                Finding(
                    subject: "sandbox", verdict: .missing, detail: "not tried: \(error.message)",
                    meaning: "Whether runs can be held is not known.",
                    remedy: "run doctor as root or as the spool's owner",
                    isRequired: true)
            ]
        }
    }

    /// nil where the caller may not write in the spool.
    private func inSpool(_ program: String) throws(Failure) -> [Finding]? {
        let name = EntryName("doctor.\(RunID.new())")
        guard let trash = try? view?.root.directory(SpoolLayout.state).directory(SpoolLayout.trash),
            (try? trash.makeDirectory(name, mode: 0o700)) != nil, let place = try? trash.directory(name)
        else { return nil }
        defer {
            do { try TreeRemove.remove(name, in: trash) } catch {
                Console.note("cannot remove state/trash/\(name): \(error)")
            }
        }
        return try examine(program, place, "on the spool's filesystem")
    }

    private func examine(_ program: String, _ place: Directory, _ where: String) throws(Failure) -> [Finding] {
        var options = LauncherOptions(owner: FileOwnership(owner: geteuid(), group: getegid()))
        // It would move the caller's shell into another group; what they can hold is looked at without that.
        options.controlGroup = .none
        let launcher: Launcher
        let run: EntryName = "run"
        do {
            var runs = place
            // Where a spool has its runs: the launcher makes sandboxes nowhere else.
            for name in SpoolLayout.Way.runs + [run] { runs = try runs.makeOrOpenDirectory(name, mode: 0o711) }
            try runs.makeDirectory("bundle", mode: 0o755)
            launcher = try Launcher(executable: program, spool: place, options: options)
            try launcher.listen()
        } catch {
            return [unavailable(error)]
        }
        defer { launcher.stop() }
        let tried = Blocking.wait(seconds: 30) { (try? await launcher.probe()) ?? [] } ?? []
        let trial =
            Blocking.wait(seconds: 30) { await Self.trial(launcher, run) }
            ?? .failed("the launcher did not answer within 30 seconds", nil)
        return tried.map(mechanism) + [sandbox(trial, `where`)]
    }

    // MARK: Judging what was tried

    private func unavailable(_ error: any Error) -> Finding {
        Finding(
            subject: "launcher", verdict: .missing, detail: "\(error)", meaning: "Nothing can be run.",
            remedy: Remedy.namespaces, isRequired: true)
    }

    private func mechanism(_ result: ProbeResult) -> Finding {
        if result.errno == 0 { return .ok(result.what, "works") }
        let isFilter = result.what == "seccomp"
        return Finding(
            subject: result.what, verdict: .missing, detail: "\(Errno(rawValue: result.errno))",
            meaning: "Runs end 'errored' as long as sandbox.require names \(isFilter ? "seccomp" : "namespaces").",
            remedy: isFilter ? "install a kernel with CONFIG_SECCOMP_FILTER" : Remedy.namespaces,
            isRequired: require.contains(isFilter ? .seccomp : .namespaces))
    }

    private func sandbox(_ trial: Trial, _ place: String) -> Finding {
        switch trial {
        case .stands(let enforced):
            let held = enforced.filter { RunController(rawValue: $0.what) == nil }.map { "\($0.what): \($0.by)" }
                .joined(separator: ", ")
            return .ok("sandbox", "a trial \(place) ran; \(held)")
        case .failed(let why, let step):
            return Finding(
                subject: "sandbox", verdict: .missing, detail: "a trial \(place) failed: \(why)",
                meaning: "Every run ends 'errored': Bobbin never runs without its sandbox.", remedy: Remedy.of(step),
                isRequired: true)
        }
    }

    // MARK: Trying

    private enum Trial {
        case stands([Enforcement])
        case failed(String, SandboxStep?)
    }

    private static func trial(_ launcher: Launcher, _ run: EntryName) async -> Trial {
        let plan = SandboxPlan(
            place: Place(SpoolLayout.Way.runs + [run]), slot: 0,
            program: .path([Array("/bin/true".utf8), Array("/usr/bin/true".utf8)]),
            arguments: [Array("true".utf8)], environment: [])
        let raw = open("/dev/null", O_RDWR | O_CLOEXEC)
        if raw < 0 { return .failed("/dev/null: \(Errno(rawValue: errno))", nil) }
        let nothing = SharedDescriptor(OwnedDescriptor(taking: raw))
        do throws(LauncherError) {
            let started = try await launcher.run(plan, input: nothing, output: nothing, error: nothing)
            switch try await started.end().end {
            case .exited(code: 0): return .stands(started.enforced)
            case .exited(let code): return .failed("/bin/true exited with \(code)", .execute)
            case .signalled(let signal): return .failed("/bin/true was ended by signal \(signal)", .seccomp)
            case .failed(let step, let errno): return .failed("cannot \(step): \(Errno(rawValue: errno))", step)
            case .killed: return .failed("it was killed as a whole", nil)
            }
        } catch {
            if case .sandbox(let step, let errno) = error { return .failed("cannot \(step): \(errno)", step) }
            return .failed("\(error)", nil)
        }
    }
}
