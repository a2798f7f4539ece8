import Glibc
import Testing

/// THREATS, scripts and what they leave behind: each phrase as a script that does it, run by a started daemon. See `AttackGround` for
/// what must be so of the host, the daemon and another run all the while.
@Suite(
    "scripts 10-23, as root", .inTurn, .needsRoot, .attackGround(.root), .needs("python3"), AttackTable.isForThisMachine
)
struct RootAttackTests {
    @Test(arguments: Attack.all.indices) func isHeld(_ index: Int) async throws {
        try await AttackGround.shared.make(Attack.all[index])
    }
}

@Suite("scripts 10-23, rootless", .inTurn, .attackGround(.rootless), .needs("python3"), AttackTable.isForThisMachine)
struct RootlessAttackTests {
    @Test(arguments: Attack.all.indices) func isHeld(_ index: Int) async throws {
        try await AttackGround.shared.make(Attack.all[index])
    }
}

enum AttackTable {
    #if arch(x86_64)
    static let isForThisMachine = ConditionTrait.enabled(if: true)
    #else
    static let isForThisMachine = ConditionTrait.disabled("the calls in the table have x86-64's numbers")
    #endif
}
