/// The capabilities that this program speaks of, by their numbers in the kernel. Source: linux/capability.h.
enum Capability {
    static let chown: Int32 = 0
    static let dacOverride: Int32 = 1
    static let fowner: Int32 = 3
    static let fsetid: Int32 = 4
    static let kill: Int32 = 5
    static let setgid: Int32 = 6
    static let setuid: Int32 = 7
    static let setpcap: Int32 = 8
    static let sysAdmin: Int32 = 21
    static let lease: Int32 = 28

    /// As the kernel has a set of them.
    static func mask(_ capabilities: [Int32]) -> UInt64 { capabilities.reduce(0) { $0 | 1 << UInt64($1) } }
}
