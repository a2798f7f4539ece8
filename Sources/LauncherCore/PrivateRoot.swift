// Builds, once for all runs, the root that every sandbox sees, and shuts the launcher itself into a mount namespace
// that holds nothing but that root, the spool and /proc:
//
//     /        a read-only tmpfs
//     /base    the sandboxes' root; each run adds its own /proc, /tmp, /bundle on top, in its own namespace
//     /spool   the spool
//     /environments, /links   what was built for scripts, and what it is built from: each run is shown what it may see of it
//     /proc    the host's processes: maps are written there, and a sandbox may mount a /proc only where one is visible
//
// A new namespace copies every mount of its parent's, so the fewer there are, the cheaper each run; and what is not
// here cannot be reached by a mistake in the steps that follow.

internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage

struct PrivateRoot {
    let spool: Directory
    let processes: Directory

    /// Mount points of files that a run may be shown; the root is read-only when runs come.
    static let shownDirectory = "/base/run"

    /// Where a run's environment is mounted.
    static let environment = "/base\(ShownEnvironment.directory)"
    /// `state/environments`: a run's user finds in it, by its name, what was built, and can list nothing; `state` itself is closed to
    /// it.
    static let environments = "/environments"
    /// Directories of the host with packages, by their numbers, beside what every run sees; and where a builder has them.
    static let links = "/links"
    static let shownLinks = "/base\(ShownEnvironment.links)"

    /// Enters it. `spool` stays the caller's. Afterwards no path of the host means anything to this process.
    static func enter(
        spool: Int32, shown: [String], links: [String], owner: Privilege
    ) throws(SetUpError) -> PrivateRoot {
        // The working directory is the one reference that the new namespace translates into its own mounts.
        try attempt("enter the spool") { fchdir(spool) }
        try owner.unshareMounts()
        umask(0)
        try attempt("stop mounts from coming back to the host") {
            linux_mount(nil, "/", nil, UInt(MS_REC | MS_SLAVE), nil)
        }
        let inside = try attempt("open the spool") {
            linux_openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        let spoolHere = OwnedDescriptor(taking: inside)
        try attempt("mount a tmpfs on /tmp") {
            linux_mount("tmpfs", "/tmp", "tmpfs", UInt(MS_NOSUID | MS_NODEV), "mode=755,size=16m")
        }
        try attempt("make /host") { mkdir("/tmp/host", 0o755) }
        try attempt("pivot_root") { linux_pivot_root("/tmp", "/tmp/host") }
        try attempt("chdir /") { chdir("/") }
        try bindSpool(spoolHere.rawValue)
        try mountProcesses()
        try attempt("make /base") { mkdir("/base", 0o755) }
        try attempt("mount /base") {
            linux_mount("tmpfs", "/base", "tmpfs", UInt(MS_NOSUID | MS_NODEV), "mode=755,size=64m")
        }
        try fill(shown: shown)
        try bindEnvironments(spoolHere.rawValue)
        try bindLinks(links)
        try restrict("/base", recursive: false)
        try attempt("detach the host's root") { linux_umount_detach("/host") }
        try attempt("remove /host") { rmdir("/host") }
        try restrict("/", recursive: false)
        do {
            return PrivateRoot(spool: try Directory(path: "/spool"), processes: try Directory(path: "/proc"))
        } catch { throw SetUpError("open the private root", error) }
    }

    private static func bindSpool(_ spool: Int32) throws(SetUpError) {
        try attempt("make /spool") { mkdir("/spool", 0o755) }
        try attempt("enter the spool") { fchdir(spool) }
        // Recursive, since a user namespace may not take a mount apart that it inherited.
        try attempt("bind the spool") { linux_mount(".", "/spool", nil, UInt(MS_BIND | MS_REC), nil) }
        try attempt("chdir /") { chdir("/") }
    }

    private static func mountProcesses() throws(SetUpError) {
        try attempt("make /proc") { mkdir("/proc", 0o555) }
        // A fresh one is seen whole even where the host's is partly covered; a user namespace has to do with the
        // host's.
        if linux_mount("proc", "/proc", "proc", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), nil) == 0 { return }
        try attempt("bind /proc") { linux_mount("/host/proc", "/proc", nil, UInt(MS_BIND | MS_REC), nil) }
    }

    private static func fill(shown: [String]) throws(SetUpError) {
        try attempt("make /usr") { mkdir("/base/usr", 0o755) }
        try bind("/usr")
        // On a merged /usr these are links, on others directories; both are made as the host has them.
        for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] { try mirror(name) }
        try RootConfiguration.write()
        try makeDevices()
        for name in ["proc", "tmp", "bundle", "run", "run/links", "env", "var"] {
            try attempt("make /\(name)") { mkdir("/base/\(name)", 0o755) }
        }
        try attempt("make /var/tmp") { symlink("/tmp", "/base/var/tmp") }
        for file in ShownFile.allCases { try makeFile("\(shownDirectory)/\(file.rawValue)", []) }
        try RootHarnesses.write()
        for path in shown { try show(path) }
    }

    private static func makeDevices() throws(SetUpError) {
        try attempt("make /dev") { mkdir("/base/dev", 0o755) }
        for name in ["null", "zero", "full", "random", "urandom"] {
            try makeFile("/base/dev/\(name)", [])
            try attempt("bind /dev/\(name)") {
                linux_mount("/host/dev/\(name)", "/base/dev/\(name)", nil, UInt(MS_BIND), nil)
            }
        }
        // /dev/shm is /tmp, so that one limit holds for both.
        for (target, name) in [
            ("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"), ("/proc/self/fd/1", "stdout"),
            ("/proc/self/fd/2", "stderr"), ("/tmp", "shm"),
        ] { try attempt("make /dev/\(name)") { symlink(target, "/base/dev/\(name)") } }
    }

    /// A spool without them is one of a test's; a link in their place is nothing that Bobbin has made.
    private static func bindEnvironments(_ spool: Int32) throws(SetUpError) {
        try attempt("make \(environments)") { mkdir(environments, 0o755) }
        let flags = UInt64(UInt32(bitPattern: Int32(LINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC))
        let resolve = UInt64(LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_SYMLINKS | LINUX_RESOLVE_NO_XDEV)
        let raw = linux_openat2(spool, "state/environments", flags, 0, resolve)
        if raw < 0 { return }
        let directory = OwnedDescriptor(taking: raw)
        let tree = OwnedDescriptor(
            taking: try attempt("clone state/environments") { linux_clone_tree(directory.rawValue, 0) })
        try attempt("mount \(environments)") { linux_place_tree(tree.rawValue, environments) }
    }

    /// Shows builders where the operator keeps packages. One that is not there is empty; none may be reached by a link, since the
    /// settings that name them are not root's.
    private static func bindLinks(_ paths: [String]) throws(SetUpError) {
        try attempt("make \(links)") { mkdir(links, 0o755) }
        for (number, path) in paths.enumerated() {
            let target = "\(links)/\(number)"
            try attempt("make \(target)") { mkdir(target, 0o755) }
            let flags = UInt64(UInt32(bitPattern: Int32(LINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC))
            let raw = linux_openat2(AT_FDCWD, "/host\(path)", flags, 0, UInt64(LINUX_RESOLVE_NO_SYMLINKS))
            if raw < 0 { continue }
            let directory = OwnedDescriptor(taking: raw)
            let tree = OwnedDescriptor(
                taking: try attempt("clone \(path)") { linux_clone_tree(directory.rawValue, 1) })
            try attempt("mount \(path)") { linux_place_tree(tree.rawValue, target) }
            try restrict(target, recursive: true)
        }
    }

    /// Shows something of the host, read-only, under the same path.
    static func bind(_ path: String) throws(SetUpError) {
        try attempt("bind \(path)") { linux_mount("/host\(path)", "/base\(path)", nil, UInt(MS_BIND | MS_REC), nil) }
        try restrict("/base\(path)", recursive: true)
    }

    private static func mirror(_ path: String) throws(SetUpError) {
        var status = stat()
        if lstat("/host\(path)", &status) < 0 { return }
        if status.st_mode & S_IFMT == S_IFLNK {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            try attempt("read \(path)") { Int32(readlink("/host\(path)", &target, Int(PATH_MAX))) }
            try attempt("make \(path)") { symlink(target, "/base\(path)") }
        } else {
            try attempt("make \(path)") { mkdir("/base\(path)", 0o755) }
            try bind(path)
        }
    }

    private static func show(_ path: String) throws(SetUpError) {
        try makeParents(of: "/base\(path)")
        var status = stat()
        try attempt("find \(path), which is to be shown") { stat("/host\(path)", &status) }
        if status.st_mode & S_IFMT == S_IFDIR {
            if mkdir("/base\(path)", 0o755) < 0, errno != EEXIST {
                throw SetUpError("make \(path)", Errno(rawValue: errno))
            }
        } else {
            try makeFile("/base\(path)", [])
        }
        try bind(path)
    }

    /// Makes the directories above a path that are not there yet.
    static func makeParents(of path: String) throws(SetUpError) {
        var parent = ""
        for name in path.split(separator: "/").dropLast() {
            parent += "/\(name)"
            if mkdir(parent, 0o755) < 0, errno != EEXIST { throw SetUpError("make \(parent)", Errno(rawValue: errno)) }
        }
    }

    static func makeFile(_ path: String, _ content: [UInt8]) throws(SetUpError) {
        let raw = try attempt("make \(path)") { linux_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644) }
        let file = OwnedDescriptor(taking: raw)
        do { try writeAll(file.rawValue, content) } catch { throw SetUpError("write \(path)", error) }
    }

    private static func restrict(_ path: String, recursive: Bool) throws(SetUpError) {
        let attributes = UInt64(LINUX_MOUNT_ATTR_RDONLY | LINUX_MOUNT_ATTR_NOSUID | LINUX_MOUNT_ATTR_NODEV)
        let flags = recursive ? Int32(LINUX_AT_RECURSIVE) : 0
        try attempt("make \(path) read-only") { linux_mount_setattr(AT_FDCWD, path, flags, attributes, 0, 0) }
    }

    @discardableResult
    static func attempt(_ what: String, _ call: () -> Int32) throws(SetUpError) -> Int32 {
        do { return try retrying(call) } catch { throw SetUpError(what, error) }
    }
}
