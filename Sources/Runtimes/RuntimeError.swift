/// Why a script cannot be run on this machine.
public enum RuntimeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A program that is not installed, and Debian's package that has it.
    case notInstalled(runtime: String, program: String, package: String?)
    /// A name that neither Bobbin nor the settings know any more.
    case unknown(runtime: String)

    public var description: String {
        switch self {
        case .notInstalled(let runtime, let program, let package?):
            "runtime '\(runtime)' needs \(program), which is not installed here; install it with: apt-get install \(package)"
        case .notInstalled(let runtime, let program, nil):
            "runtime '\(runtime)' needs \(program), which is not there; mend 'runtimes: \(runtime)' in bobbin.yaml"
        case .unknown(let runtime):
            "runtime '\(runtime)' is not known any more; name it under 'runtimes' in bobbin.yaml"
        }
    }
}
