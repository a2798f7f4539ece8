internal import CLinux
internal import Glibc
public import SystemPackage

/// A file descriptor that closes itself; close-on-exec from birth.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number the kernel knows it by; valid as long as this value lives.
    public let rawValue: Int32

    /// Takes over a descriptor that somebody else opened.
    public init(taking rawValue: Int32) { self.rawValue = rawValue }

    /// Opens a file by a path that the program itself chose. The corresponding C function is `open`.
    public init(openingForReadingAndWriting path: String) throws(Errno) {
        rawValue = try retrying { linux_openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) }
    }

    deinit { _ = Glibc.close(rawValue) }

    /// Gives up the ownership: the caller closes it.
    public consuming func release() -> Int32 {
        let raw = rawValue
        discard self
        return raw
    }

    /// A second descriptor of the same open file. The corresponding C function is `fcntl(F_DUPFD_CLOEXEC)`.
    public borrowing func duplicate() throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(taking: try check(fcntl(rawValue, F_DUPFD_CLOEXEC, 3)))
    }
}

/// A descriptor kept in a collection or shared between tasks.
public final class SharedDescriptor: Sendable {
    private let owned: OwnedDescriptor

    public init(_ owned: consuming OwnedDescriptor) { self.owned = owned }

    public var rawValue: Int32 { owned.rawValue }
}

/// The result of a system call, or the errno it left; read before anything else can change it.
@inline(__always)
@discardableResult
package func check(_ result: Int32) throws(Errno) -> Int32 {
    if result < 0 { throw Errno(rawValue: errno) }
    return result
}

/// The same, called again as long as a signal interrupts it.
@inline(__always)
@discardableResult
package func retrying<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let error = errno
        if error != EINTR { throw Errno(rawValue: error) }
    }
}
