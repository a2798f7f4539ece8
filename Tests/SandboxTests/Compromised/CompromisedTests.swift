import Glibc
import Testing

/// What somebody can do who has taken over the daemon. Each waits for a launcher's answers without giving its thread back: one at a
/// time, so that other suites find one.
@Suite(.serialized, .enabled(if: geteuid() == 0, "an ordinary user's launcher can do what its user can"))
struct CompromisedTests {}
