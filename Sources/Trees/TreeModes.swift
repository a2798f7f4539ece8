internal import Linux

/// The permission bits that entries of a tree get.
public enum TreeModes: Sendable, Hashable {
    /// As they are.
    case kept
    /// As they are, but without set-id and sticky bits.
    case withoutSetID
    /// These, by kind; a file is executable if anybody could execute it.
    case fixed(file: UInt32, executable: UInt32, directory: UInt32)

    /// A bundle: everybody reads, nobody but the owner writes.
    public static let bundle = TreeModes.fixed(file: 0o644, executable: 0o755, directory: 0o755)
    /// A result: its owner and the queue's group.
    public static let result = TreeModes.fixed(file: 0o640, executable: 0o750, directory: 0o750)

    /// What an entry of these permissions becomes.
    func permissions(isDirectory: Bool, from permissions: UInt32) -> UInt32 {
        switch self {
        case .kept: permissions
        case .withoutSetID: permissions & 0o777
        case .fixed(let file, let executable, let directory):
            isDirectory ? directory : (permissions & 0o111 != 0 ? executable : file)
        }
    }
}
