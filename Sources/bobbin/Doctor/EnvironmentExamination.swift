import Runs
import Runtimes

/// What there is to make environments of: interpreters, and what installs packages.
enum EnvironmentExamination {
    static func findings(_ settings: Settings) -> [Finding] {
        if !settings.environments.enabled { return [.ok("environments", "switched off in bobbin.yaml")] }
        let pythons = Pythons()
        let all = pythons.all(settings)
        // Without a Python its runtime is missing, which is told already.
        if all.isEmpty { return [] }
        let shown = all.map { "\($0.version) (\($0.path))" }.joined(separator: ", ")
        var findings: [Finding] = [.ok("environments python", shown)]
        for python in all where ChildProcess.output(python.path, ["-I", "-c", "import venv"]) == nil {
            findings.append(
                Finding(
                    subject: "environments venv", verdict: .degraded, detail: "\(python.path) has no module venv",
                    meaning: "Python bundles with requirements that it is chosen for end 'errored'.",
                    remedy: "apt install python3-venv"))
        }
        return findings + [builder(settings, all, pythons)]
    }

    private static func builder(_ settings: Settings, _ all: [Python], _ pythons: Pythons) -> Finding {
        let subject = "environments builder"
        do throws(RuntimeError) {
            switch try EnvironmentBuilder.tool(settings, pythons) {
            case .uv(let path):
                return .ok(
                    subject, "\(path), \(ChildProcess.output(path, ["--version"]) ?? "does not say its version")")
            case .pip(let python):
                return .ok(
                    subject, "pip \(EnvironmentBuilder.pipVersion(python) ?? "") of \(python); no uv, which is faster")
            }
        } catch {
            return Finding(
                subject: subject, verdict: .degraded, detail: "neither uv nor pip",
                meaning: "Python bundles with requirements end 'errored'.", remedy: "apt install python3-pip")
        }
    }
}
