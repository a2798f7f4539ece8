import Glibc
import Linux

/// Names of users and groups.
enum Account {
    /// The name, or the number of a user that has none.
    static func userName(_ id: UInt32) -> String { UserDatabase.name(ofUser: id) ?? String(id) }

    /// The name, or the number of a group that has none.
    static func groupName(_ id: UInt32) -> String { UserDatabase.name(ofGroup: id) ?? String(id) }

    /// A user's ids by name; nil if there is none.
    static func user(_ name: String) -> (id: UInt32, group: UInt32)? { UserDatabase.user(named: name) }

    /// Whether the caller is in a group, by its effective or a supplementary one.
    static func isMember(of group: UInt32) -> Bool {
        if getegid() == group { return true }
        let count = getgroups(0, nil)
        guard count > 0 else { return false }
        var groups = [gid_t](repeating: 0, count: Int(count))
        return getgroups(count, &groups) > 0 && groups.contains(group)
    }

    /// The same, for one that could be opened.
    static func howToJoin(_ directory: Directory?) -> String { howToJoin(try? directory?.status()) }

    /// What somebody who may not use a directory can do about it.
    static func howToJoin(_ directory: FileStatus?) -> String {
        guard let status = directory else { return "ask who runs the spool" }
        // Nobody joins root's group for a directory's sake.
        if status.group == 0 { return "only \(userName(status.owner)) may; ask who runs the spool" }
        let group = groupName(status.group)
        return "only \(userName(status.owner)) and the group '\(group)' may; to join it: "
            + "sudo usermod -aG \(group) \(userName(geteuid())), then log in again"
    }
}
