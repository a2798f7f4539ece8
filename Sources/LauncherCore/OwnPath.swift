internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol

/// Something in the run's directory that is to be mounted, by a path that leads to it and to nothing else.
///
/// mount(2) takes names and follows links, and the directory is the daemon's, who could put there a link to the host's /proc. Only
/// the working directory came along into this mount namespace, so the entry is opened from there, in the new process.
struct OwnPath {
    private let descriptor: Int32
    /// Through /proc of the launcher's root, which is still there.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Ends the sandbox if it is a link, something else than it should be, or mounted from elsewhere.
    init(_ name: EntryName, _ step: SandboxStep, _ kind: FileKind = .directory) {
        let flags = Int32(LINUX_O_PATH) | O_NOFOLLOW | O_CLOEXEC | (kind == .directory ? O_DIRECTORY : 0)
        let resolve = LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_SYMLINKS | LINUX_RESOLVE_NO_XDEV
        descriptor = name.withCString {
            linux_openat2(AT_FDCWD, $0, UInt64(UInt32(bitPattern: flags)), 0, UInt64(resolve))
        }
        if descriptor < 0 { SandboxSetup.fail(step, errno) }
        if kind == .directory { return }
        let status = try? FileStatus.of(descriptor: descriptor)
        if status?.kind != kind { SandboxSetup.fail(step, ELOOP) }
    }

    /// What was built under a name in `state/environments`: of all places but the run's own the one that this namespace has beside the
    /// sandboxes' root.
    init(environment name: EntryName) {
        let flags = UInt64(UInt32(bitPattern: Int32(LINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC))
        let resolve = UInt64(LINUX_RESOLVE_NO_SYMLINKS)
        let path = Array("\(PrivateRoot.environments)/".utf8) + name.bytes + [0x2F] + ShownEnvironment.tree.bytes
        descriptor = withCBytes(path) { linux_openat2(AT_FDCWD, $0, flags, 0, resolve) }
        if descriptor < 0 { SandboxSetup.fail(.environment, errno) }
    }

    func close() { _ = Glibc.close(descriptor) }
}
