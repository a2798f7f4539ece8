internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// The extended attributes of an open file or directory.
enum ExtendedAttributes {
    /// The kernel's own bound (XATTR_LIST_MAX).
    private static let longestList = 65536

    /// Their names. A filesystem without any has none. The corresponding C function is `flistxattr`.
    static func names(of descriptor: Int32) throws(Errno) -> [[UInt8]] {
        // Most files have none: one call without a buffer says so.
        let needed = linux_list_xattr(descriptor, nil, 0)
        if needed == 0 { return [] }
        if needed < 0 {
            let error = errno
            if error == ENOTSUP { return [] }
            throw Errno(rawValue: error)
        }
        var buffer = [CChar](repeating: 0, count: longestList)
        let length = try retrying { linux_list_xattr(descriptor, &buffer, longestList) }
        return buffer[..<length].split(separator: 0).map { $0.map { UInt8(bitPattern: $0) } }
    }

    /// Removes what a user can have set: `user.*`, access lists, file capabilities. Labels of the system's security modules stay.
    /// The corresponding C function is `fremovexattr`.
    static func remove(_ names: [[UInt8]], from descriptor: Int32) throws(Errno) {
        let prefixes = ["user.", "system.posix_acl_", "security.capability", "trusted.overlay."]
        for name in names where prefixes.contains(where: { name.starts(with: $0.utf8) }) {
            do {
                CutPoint.pass("removexattr", file: descriptor)
                try withCBytes(name) { pointer throws(Errno) in _ = try check(linux_remove_xattr(descriptor, pointer)) }
            } catch {
                if error != .noData { throw error }
            }
        }
    }
}
