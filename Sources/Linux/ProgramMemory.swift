internal import CLinux

/// The memory that the program's own code and constants take.
public enum ProgramMemory {
    /// Lets go of what was read of them so far: most of it is needed at the start alone, and what is not comes back from the file,
    /// page by page, as it is used. The corresponding C function is `madvise`.
    public static func release() { _ = linux_release_program() }
}
