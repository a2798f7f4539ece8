internal import CLinux
public import SystemPackage

/// What a program's starter had open and did not close.
public enum InheritedDescriptors {
    /// Closes all descriptors but standard input, output and error.
    ///
    /// Call it before anything is opened: what the program itself has open it cannot tell from what it inherited. The
    /// corresponding C function is `close_range`.
    public static func close() throws(Errno) { try check(linux_close_range(3, .max)) }
}
