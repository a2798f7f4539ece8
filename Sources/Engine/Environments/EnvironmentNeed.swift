internal import Bundles
internal import Glibc
internal import Linux
internal import Runs
internal import Runtimes
internal import Spool
internal import Synchronization
internal import SystemPackage

/// What a run needs, found out on this machine: which interpreter, and which environment.
struct EnvironmentNeed: Sendable {
    let python: Python
    let requirements: [String]
    /// A directory of wheels in the bundle of that run.
    let wheels: (run: RunID, path: String)?
    let settings: Settings
    /// Of the directory in `state/environments`.
    let key: String

    /// What can be said of a run without building anything.
    enum Answer: Sendable {
        case nothingToInstall(PreparedEnvironment)
        case environment(EnvironmentNeed)
    }
}

/// Finds out what runs need. Blocks: programs are asked, files are read.
final class EnvironmentExaminer: Sendable {
    private struct Wheels: Hashable {
        let bundle: String
        let path: String
        let sources: Bool
    }

    let pythons = Pythons()
    private let spool: Spool
    /// A bundle that is sent again is hashed once.
    private let digests = Mutex<[Wheels: String]>([:])
    private static let mostDigests = 1000

    init(spool: Spool) { self.spool = spool }

    func examine(_ job: Job, _ settings: Settings) throws -> EnvironmentNeed.Answer {
        let manifest = job.manifest
        if !manifest.packages.isEmpty {
            let found = try RPackages.find(manifest.packages)
            return .nothingToInstall(
                PreparedEnvironment(status: RunEnvironment(key: nil, python: nil, packages: found)))
        }
        let python = try pythons.choose(manifest.python, settings)
        guard !manifest.requirements.isEmpty else {
            return .nothingToInstall(
                PreparedEnvironment(
                    interpreter: .python(python.path), status: RunEnvironment(key: nil, python: python.version)))
        }
        let key = EnvironmentKey.of(
            manifest.requirements, interpreter: (python.path, python.version),
            wheels: try manifest.wheels.map { try digest(of: $0, job, settings) }, settings.environments)
        return .environment(
            EnvironmentNeed(
                python: python, requirements: manifest.requirements, wheels: manifest.wheels.map { (job.run, $0) },
                settings: settings, key: key))
    }

    private func digest(of path: String, _ job: Job, _ settings: Settings) throws -> String {
        let wheels = Wheels(
            bundle: job.accepted.bundleSHA256, path: path, sources: settings.environments.buildFromSource)
        if let known = digests.withLock({ $0[wheels] }) { return known }
        let digest = try EnvironmentKey.wheelDigest(
            of: directory(of: path, in: job.run), sources: settings.environments.buildFromSource)
        digests.withLock { digests in
            if digests.count >= Self.mostDigests { digests = [:] }
            digests[wheels] = digest
        }
        return digest
    }

    func directory(of path: String, in run: RunID) throws(Errno) -> Directory {
        Directory(
            try spool.runDirectory(run).bundle().open(beneath: Array(path.utf8), O_RDONLY | O_DIRECTORY))
    }
}
