internal import CLinux
public import SystemPackage

/// A pipe; both ends are close-on-exec, and the reading end never blocks. The corresponding C function is `pipe2`.
public struct Pipe: Sendable {
    public let reader: SharedDescriptor
    public let writer: SharedDescriptor

    public init() throws(Errno) {
        var ends: [Int32] = [-1, -1]
        try check(linux_pipe2(&ends))
        reader = SharedDescriptor(OwnedDescriptor(taking: ends[0]))
        writer = SharedDescriptor(OwnedDescriptor(taking: ends[1]))
        try check(linux_set_nonblocking(ends[0]))
    }
}
