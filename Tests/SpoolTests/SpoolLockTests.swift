import Glibc
import Linux
import Spool
import Testing

@Suite struct SpoolLockTests {
    @Test func oneHoldsItAndLookingDoesNotTakeIt() throws {
        var template = Array("/tmp/spool-lock.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(path) }
        let spool = try Spool(preparing: path)
        for _ in 0..<100 { #expect(SpoolLock.isHeld(stateOf: spool.root) == false) }
        let lock = try spool.lock()
        #expect(SpoolLock.isHeld(stateOf: spool.root) == true)
        #expect(throws: SpoolError.self) { try spool.lock() }
        // Its end is not looked at: a process that another test starts at this moment may hold the descriptor a little longer.
        withExtendedLifetime(lock) {}
        for name in ["archive", "environments", "runs", "trash", "lock"] {
            remove("\(path)/state/\(name)")
        }
        for name in ["cancel", "pause", "requests"] { remove("\(path)/control/\(name)") }
        for name in ["inbox", "active", "outbox", "control", "history", "state"] { remove("\(path)/\(name)") }
    }
}
