/// Why a script cannot be run on this machine.
public enum RuntimeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A program that is not installed, and Debian's package that has it.
    case notInstalled(runtime: String, program: String, package: String?)
    /// A name that neither Bobbin nor the settings know any more.
    case unknown(runtime: String)
    /// No interpreter has a version that was asked for.
    case noPython(wanted: String, found: [String])
    /// Nothing that installs packages is there.
    case noBuilder(wanted: String)
    /// R packages that the machine lacks, and Debian's packages that have them.
    case noPackages([String])

    public var description: String {
        switch self {
        case .notInstalled(let runtime, let program, let package?):
            "runtime '\(runtime)' needs \(program), which is not installed here; install it with: apt-get install \(package)"
        case .notInstalled(let runtime, let program, nil):
            "runtime '\(runtime)' needs \(program), which is not there; mend 'runtimes: \(runtime)' in bobbin.yaml"
        case .noPython(let wanted, let found):
            "no Python here is '\(wanted)'; found: \(found.joined(separator: ", ")); install another one below /usr, or name it"
                + " under 'environments: {pythons: […]}' in bobbin.yaml"
        case .noBuilder(let wanted):
            wanted == "uv"
                ? "its requirements need uv, which is not installed here; put it into /usr/local/bin, or say 'environments: {builder: auto}'"
                : "its requirements need uv or pip, which are not installed here; install it with: apt-get install python3-pip"
        case .noPackages(let names):
            "R package\(names.count == 1 ? "" : "s") \(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") not"
                + " installed here; install with: apt-get install "
                + names.map { "r-cran-\($0.lowercased())" }.joined(separator: " ")
        case .unknown(let runtime):
            "runtime '\(runtime)' is not known any more; name it under 'runtimes' in bobbin.yaml"
        }
    }
}
