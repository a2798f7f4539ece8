import Bundles
import Linux
import Runs
import Runtimes
import Spool

/// What a bundle would be given beside what the machine has, as `check` tells it.
struct NeededEnvironment {
    /// The interpreter that would be chosen; nil if there is none that fits.
    let python: Python?
    /// Why there is none.
    let problem: String?
    let requirements: [String]
    /// Its key; nil if the bundle brings wheels, which only the daemon hashes.
    let key: String?
    /// Whether it is there; nil if that cannot be seen.
    let isBuilt: Bool?

    /// nil for a bundle that asks for nothing.
    init?(_ manifest: Manifest, _ settings: Settings, in view: SpoolView?) {
        if manifest.python == nil, manifest.requirements.isEmpty, manifest.packages.isEmpty { return nil }
        requirements = manifest.requirements
        guard manifest.packages.isEmpty else {
            (python, key, isBuilt) = (nil, nil, nil)
            do throws(RuntimeError) {
                _ = try RPackages.find(manifest.packages)
                problem = nil
            } catch { problem = "\(error)" }
            return
        }
        do throws(RuntimeError) {
            python = try Pythons().choose(manifest.python, settings)
            problem = nil
        } catch {
            (python, key, isBuilt) = (nil, nil, nil)
            problem = "\(error)"
            return
        }
        guard let python, !requirements.isEmpty, manifest.wheels == nil else {
            (key, isBuilt) = (nil, nil)
            return
        }
        let key = EnvironmentKey.of(
            requirements, interpreter: (python.path, python.version), wheels: nil, settings.environments)
        self.key = key
        let control = try? view?.root.directory(SpoolLayout.control)
        let known = control.flatMap { try? KnownEnvironment.readingAll($0) }
        isBuilt = known.map { $0.contains { $0.key == key } }
    }

    /// `Python 3.11.2, 2 requirements, environment 0123456789ab, which is built`.
    var line: String {
        var words: [String] = []
        if let python { words.append("Python \(python.version)") }
        if !requirements.isEmpty {
            words.append("\(requirements.count) \(requirements.count == 1 ? "requirement" : "requirements")")
        }
        if let key {
            let state = isBuilt.map { $0 ? ", which is built" : ", which is to be built" } ?? ""
            words.append("environment \(key.prefix(12))\(state)")
        }
        return words.joined(separator: ", ")
    }

    func write(to object: inout JSONWriter) {
        if let python { object.add("python", python.version) }
        if let problem { object.add("problem", problem) }
        object.addArray("requirements") { for requirement in requirements { $0.addElement(requirement) } }
        if let key { object.add("key", key) }
        if let isBuilt { object.add("is_built", isBuilt) }
    }
}
