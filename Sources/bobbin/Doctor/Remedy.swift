import SandboxProtocol

/// What mends a sandbox that cannot be made.
enum Remedy {
    static let namespaces =
        "sysctl -w user.max_user_namespaces=15000; on Debian kernel.unprivileged_userns_clone=1; on Ubuntu "
        + "kernel.apparmor_restrict_unprivileged_userns=0; in a container: --security-opt seccomp=unconfined, or as root"

    static func of(_ step: SandboxStep?) -> String {
        switch step {
        case .clone, .identityMap, .groups, .identity, .network, .hostname, .pivot, .root: namespaces
        case .proc:
            "parts of /proc are hidden here, so the kernel refuses a new one: in a container --security-opt "
                + "systempaths=unconfined; in a systemd unit no ProtectKernel…= and no ProcSubset="
        case .bundle:
            "the spool's filesystem cannot hold overlayfs' upper layer: put the spool on ext4, xfs, btrfs or tmpfs, not on "
                + "NFS, FAT or another overlay"
        case .tmp, .shown: "allow tmpfs and bind mounts in user namespaces"
        case .seccomp, .noNewPrivileges: "install a kernel with CONFIG_SECCOMP_FILTER"
        default: "run it again as root; if it fails there too, see bobbind's log"
        }
    }
}
