import Glibc

/// Programs that are installed with this one.
enum Program {
    /// Beside this program, else in `../libexec/bobbin`.
    static func path(of name: String) throws(Failure) -> String {
        if let path = find(name) { return path }
        throw Failure(.internal, "cannot find \(name) beside bobbin or in ../libexec/bobbin; install Bobbin as a whole")
    }

    static func find(_ name: String) -> String? {
        guard let own = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(own) }
        let directory = String(cString: own).split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        return ["\(directory)/\(name)", "\(directory)/../libexec/bobbin/\(name)"].first { access($0, X_OK) == 0 }
    }
}
