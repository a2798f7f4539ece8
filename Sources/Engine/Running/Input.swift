internal import Glibc
internal import Linux
internal import Runs
internal import Spool
internal import SystemPackage

/// A run's standard input, opened for reading.
struct Input: Sendable {
    let descriptor: SharedDescriptor
    /// Whether it is a file of the run directory that the sandbox shows.
    let isShown: Bool

    /// JSON input is written to the run's own directory; a file of the bundle is opened through links that stay in it.
    init(of manifest: Manifest, in run: RunDirectory) throws(Errno) {
        switch manifest.input {
        case nil:
            let raw = open("/dev/null", O_RDONLY | O_CLOEXEC)
            if raw < 0 { throw Errno(rawValue: errno) }
            descriptor = SharedDescriptor(OwnedDescriptor(taking: raw))
            isShown = false
        case .json(let text):
            try run.directory.replace(SpoolLayout.Run.input, with: Array(text.utf8), mode: 0o644)
            descriptor = SharedDescriptor(try run.directory.open(SpoolLayout.Run.input, O_RDONLY))
            isShown = true
        case .file(let path):
            descriptor = SharedDescriptor(try run.bundle().open(beneath: Array(path.utf8), O_RDONLY))
            isShown = false
        }
    }
}
