/// Where on the host the control group of a process is, from what its files in /proc say.
public enum ControlGroupPath {
    /// Nil if no unified hierarchy is mounted here, or the mounted part of it does not hold the process.
    ///
    /// - Parameters:
    ///   - membership: /proc/PID/cgroup, cgroups(7).
    ///   - mounts: /proc/PID/mountinfo, proc(5).
    public static func find(membership: String, mounts: String) -> String? {
        guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let own = line.dropFirst(3).split(separator: "/")
        // It is outside of what this process's cgroup namespace shows.
        if own.contains("..") { return nil }
        for mount in MountTable(parsing: mounts).mounts where mount.type == "cgroup2" {
            let root = mount.root.split(separator: "/")
            guard own.starts(with: root), !root.contains("..") else { continue }
            return ([mount.place] + own.dropFirst(root.count).map(String.init)).joined(separator: "/")
        }
        return nil
    }

    /// The group of a process; nil if there is none to be found.
    public static func ofProcess(_ process: String = "self") -> String? {
        guard let membership = try? readKernelFile("/proc/\(process)/cgroup"),
            let mounts = try? readKernelFile("/proc/self/mountinfo")
        else { return nil }
        return find(
            membership: String(decoding: membership, as: UTF8.self), mounts: String(decoding: mounts, as: UTF8.self))
    }
}
