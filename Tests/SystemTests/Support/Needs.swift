import Glibc
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips the test, visibly, where one of these programs is missing; packaging/ensure-tools.sh installs them in CI.
    static func needs(_ programs: String...) -> Self {
        let missing = programs.filter { !Command.exists($0) }
        return .enabled(if: missing.isEmpty, "missing: \(missing.joined(separator: ", "))")
    }

    /// Skips the test, visibly, where it is not root's.
    static var needsRoot: Self { .enabled(if: geteuid() == 0, "only root can do this") }
}
