package import SystemPackage

/// Why the launcher cannot work at all on this machine: a sentence for the log.
package struct SetUpError: Error, CustomStringConvertible {
    package let description: String
    package let errno: Errno

    init(_ what: String, _ cause: Errno) {
        description = "\(what): \(cause)"
        errno = cause
    }
}
