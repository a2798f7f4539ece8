public import Runs

/// The few colours that the commands use; they never carry what the words do not say.
public enum Tint: Sendable, Hashable {
    case plain, bold, dim, green, yellow, red

    /// The text in this colour, as the control sequences that every terminal in use knows (ECMA-48 SGR).
    public func around(_ text: String) -> String {
        switch self {
        case .plain: text
        case .bold: "\u{1B}[1m\(text)\u{1B}[0m"
        case .dim: "\u{1B}[2m\(text)\u{1B}[0m"
        case .green: "\u{1B}[32m\(text)\u{1B}[0m"
        case .yellow: "\u{1B}[33m\(text)\u{1B}[0m"
        case .red: "\u{1B}[31m\(text)\u{1B}[0m"
        }
    }
}

extension RunState {
    public var tint: Tint {
        switch self {
        case .queued, .preparing: .dim
        case .running: .bold
        case .succeeded: .green
        case .cancelled, .interrupted: .yellow
        default: .red
        }
    }
}
