/// The runtimes that need no settings.
public enum BuiltInRuntime: String, Sendable, Hashable, CaseIterable {
    case python, r, node, sh, bash, perl, ruby, executable

    /// Script endings, with the dot.
    public var endings: [String] {
        switch self {
        case .python: [".py"]
        case .r: [".R", ".r"]
        case .node: [".js", ".mjs"]
        case .sh: [".sh"]
        case .bash: [".bash"]
        case .perl: [".pl"]
        case .ruby: [".rb"]
        case .executable: []
        }
    }

    /// The programs that a `#!` line names for it.
    var interpreters: [String] {
        switch self {
        case .python: ["python3", "python"]
        case .r: ["Rscript"]
        case .node: ["node", "nodejs"]
        case .sh: ["sh", "dash"]
        case .bash: ["bash"]
        case .perl: ["perl"]
        case .ruby: ["ruby"]
        case .executable: []
        }
    }
}
