import Glibc
import Linux
import Spool

/// What the spool lies on: not every filesystem can hold what a daemon needs, or keeps it.
struct FilesystemExamination {
    private static let remote: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "lustre", "gpfs", "glusterfs", "ocfs2", "gfs2",
    ]
    private static let subject = "filesystem"

    static func findings(_ view: SpoolView?, _ mounts: MountTable?) -> [Finding] {
        guard let view, let path = realpath(view.path, nil) else { return [] }
        defer { free(path) }
        guard let mount = mounts?.mount(of: String(cString: path)) else { return [] }
        return [finding(mount)]
    }

    static func finding(_ mount: MountTable.Mount) -> Finding {
        let detail = "\(mount.type), mounted at \(mount.place)"
        if remote.contains(mount.type) || mount.type.hasPrefix("fuse") {
            return Finding(
                subject: subject, verdict: .degraded, detail: detail,
                meaning:
                    "What another machine drops is found by the next rescan only (intake.rescan), and sandboxes may not be possible.",
                remedy: "put the spool on a disk of this machine, and let others send by rsync or scp")
        }
        if mount.type == "tmpfs" || mount.type == "ramfs" {
            return Finding(
                subject: subject, verdict: .degraded, detail: detail,
                meaning: "All of it is gone when the machine stops.", remedy: "put the spool on a disk")
        }
        return .ok(subject, detail)
    }
}
