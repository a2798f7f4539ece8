internal import Bundles
internal import Glibc
public import Runs
internal import SandboxProtocol

/// What installs requirements into an environment: a program with its arguments and variables, as a builder's sandbox runs it.
///
/// The environment is a venv at `/env`, made by the interpreter itself in either case: uv's own has a hook in it that every start of
/// the interpreter would run. Everything else differs only in who installs.
public struct EnvironmentBuilder: Sendable, Hashable {
    public enum Tool: Sendable, Hashable {
        case uv(String)
        /// An interpreter that has pip.
        case pip(String)

        public var name: String {
            switch self {
            case .uv: "uv"
            case .pip: "pip"
            }
        }
    }

    public let tool: Tool
    /// Of `/bin/sh`.
    public let arguments: [String]
    public let variables: [Label]
    /// Whether it has to be given the host's network.
    public let needsNetwork: Bool

    /// Where the builder finds the requirements, and the wheels that came with the bundle.
    public static let requirements = "/bundle/requirements.txt"
    public static let wheels = "/bundle/wheels"

    /// - Parameters:
    ///   - python: the environment's interpreter.
    ///   - hasWheels: whether there are wheels of the bundle's.
    public init(
        _ python: Python, _ settings: Settings.Environments, tool: Tool, hasWheels: Bool
    ) {
        self.tool = tool
        needsNetwork = settings.needsNetwork
        var links = settings.linkDirectories.indices.map { "\(ShownEnvironment.links)/\($0)" }
        if hasWheels { links.append(Self.wheels) }
        if needsNetwork { links += settings.findLinks.filter { !$0.hasPrefix("/") } }
        // Without an index none is asked, and offline none either, whatever the settings name.
        let isIndexed = needsNetwork && (settings.index != .none || !settings.extraIndexes.isEmpty)
        var index: String?
        var extra = settings.extraIndexes
        switch settings.index {
        case .usual: break
        case .url(let url): index = url
        case .none: if !extra.isEmpty { index = extra.removeFirst() }
        }
        var variables = [
            Label(key: "PATH", value: "/usr/local/bin:/usr/bin:/bin"), Label(key: "HOME", value: "/tmp"),
            Label(key: "TMPDIR", value: "/tmp"), Label(key: "LANG", value: "C.UTF-8"),
            Label(key: "NO_COLOR", value: "1"), Label(key: "VIRTUAL_ENV", value: ShownEnvironment.directory),
        ]
        if needsNetwork { variables += Self.proxies() }
        let interpreter = "\(ShownEnvironment.directory)/bin/python"
        var words: [String]
        // What names an index may hold a password, and so is no argument.
        switch tool {
        case .uv(let path):
            words = [
                path, "pip", "install", "--python", interpreter, "--no-config", "--cache-dir", "/tmp/uv",
                "--link-mode", "copy", "--compile-bytecode", "--no-progress",
            ]
            if !settings.buildFromSource { words += ["--only-binary", ":all:"] }
            if isIndexed {
                if let index { variables.append(Label(key: "UV_DEFAULT_INDEX", value: index)) }
                if !extra.isEmpty { variables.append(Label(key: "UV_INDEX", value: extra.joined(separator: " "))) }
            } else {
                words.append("--no-index")
            }
            if !needsNetwork { words.append("--offline") }
            if !links.isEmpty { variables.append(Label(key: "UV_FIND_LINKS", value: links.joined(separator: ","))) }
            variables += [
                Label(key: "UV_PYTHON_DOWNLOADS", value: "never"), Label(key: "UV_NATIVE_TLS", value: "1"),
                Label(key: "UV_NO_MANAGED_PYTHON", value: "1"),
            ]
        case .pip(let path):
            words = [
                path, "-I", "-m", "pip", "--python", interpreter, "--no-input", "--disable-pip-version-check",
                "--no-cache-dir", "install", "--compile", "--no-warn-script-location", "--progress-bar", "off",
            ]
            if !settings.buildFromSource { words += ["--only-binary", ":all:"] }
            variables.append(Label(key: "PIP_CONFIG_FILE", value: "/dev/null"))
            if isIndexed {
                if let index { variables.append(Label(key: "PIP_INDEX_URL", value: index)) }
                if !extra.isEmpty {
                    variables.append(Label(key: "PIP_EXTRA_INDEX_URL", value: extra.joined(separator: " ")))
                }
            } else {
                words.append("--no-index")
            }
            if !links.isEmpty { variables.append(Label(key: "PIP_FIND_LINKS", value: links.joined(separator: " "))) }
        }
        words += ["-r", Self.requirements]
        self.variables = variables
        arguments = ["sh", "-c", Self.script, "builder", python.path] + words
    }

    /// Both outputs are one, in the order of what is said.
    private static let script =
        #"exec 2>&1; python=$1; shift; "$python" -I -m venv --without-pip "# + ShownEnvironment.directory
        + #" && exec "$@""#

    /// What the settings want, of what is installed where a sandbox sees it.
    public static func tool(_ settings: Settings, _ pythons: Pythons) throws(RuntimeError) -> Tool {
        let wanted = settings.environments.builder
        if wanted != .pip, let uv = uv() { return .uv(uv) }
        if wanted != .uv, let pip = pythons.all(settings).first(where: { hasPip($0.path) }) { return .pip(pip.path) }
        throw .noBuilder(wanted: wanted.rawValue)
    }

    public static func uv() -> String? {
        ["/usr/local/bin/uv", "/usr/bin/uv"].first { access($0, X_OK) == 0 }
    }

    /// The version of an interpreter's pip; nil if it has none that can install for another one. Asks it: takes a while.
    public static func pipVersion(_ python: String) -> String? {
        guard let text = ProgramAnswer.of(python, ["-I", "-c", "import pip; print(pip.__version__)"]) else {
            return nil
        }
        let version = String(text.prefix { !$0.isNewline })
        // `--python` came with 22.3.
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, (parts[0], parts[1]) >= (22, 3) else { return nil }
        return version
    }

    private static func hasPip(_ python: String) -> Bool { pipVersion(python) != nil }

    /// The daemon's own, as the operator set them: who is behind a proxy reaches no index without it.
    private static func proxies() -> [Label] {
        ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap { name in
            [name, name.uppercased()].compactMap { name in
                getenv(name).map { Label(key: name, value: String(cString: $0)) }
            }
        }
    }

    /// What of the settings and the proxies must be shown nowhere.
    public static func secrets(_ settings: Settings.Environments) -> [String] {
        var urls = settings.extraIndexes + settings.findLinks + proxies().map(\.value)
        if case .url(let url) = settings.index { urls.append(url) }
        return urls.flatMap(IndexURL.secrets).filter { !$0.isEmpty }
    }
}
