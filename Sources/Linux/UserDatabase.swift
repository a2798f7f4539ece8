internal import Glibc

/// The names of users and groups, as the system's name service has them. May block: network services answer some of it.
public enum UserDatabase {
    /// The name of a user; nil if the number has none. The corresponding C function is `getpwuid_r`.
    public static func name(ofUser id: UInt32) -> String? {
        lookUp { entry, buffer, size, result in
            getpwuid_r(id, entry, buffer, size, result)
        } using: {
            $0.pw_name
        }
    }

    /// The name of a group; nil if the number has none. The corresponding C function is `getgrgid_r`.
    public static func name(ofGroup id: UInt32) -> String? {
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        guard getgrgid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.gr_name else {
            return nil
        }
        return String(cString: name)
    }

    /// A user's number and its group's; nil if there is no such user. The corresponding C function is `getpwnam_r`.
    public static func user(named name: String) -> (id: UInt32, group: UInt32)? {
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return (entry.pw_uid, entry.pw_gid)
    }

    /// Whether a user is in a group, by its own or a further one. The corresponding C function is `getgrouplist`.
    public static func isUser(_ id: UInt32, inGroup wanted: UInt32) -> Bool {
        guard let name = name(ofUser: id), let own = user(named: name)?.group else { return false }
        var count: Int32 = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        if getgrouplist(name, own, &groups, &count) < 0 {
            groups = [gid_t](repeating: 0, count: Int(max(count, 0)))
            if getgrouplist(name, own, &groups, &count) < 0 { return false }
        }
        return groups.prefix(Int(max(count, 0))).contains(wanted)
    }

    private static func lookUp(
        _ call: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32, using field: (passwd) -> UnsafeMutablePointer<CChar>?
    ) -> String? {
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard call(&entry, &buffer, buffer.count, &found) == 0, found != nil, let name = field(entry) else {
            return nil
        }
        return String(cString: name)
    }
}
