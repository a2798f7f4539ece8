import Linux
import Spool
import TestSupport
import Testing

@Suite("The mark of the last flush")
struct FlushMarkTests {
    @Test(
        "It is read as it was written, over whatever was there",
        arguments: ["b-1", "", "01234567-89ab-cdef-0123-456789abcdef"])
    func isRead(_ bootID: String) throws {
        let scratch = try Scratch()
        let spool = try Spool(preparing: scratch.path)
        #expect(try spool.flushMark() == nil)
        let file = spool.flushMarkFile()
        for flushes: Int64 in [1_234_567_890_123, 0, 7] {
            let mark = FlushMark(bootID: bootID, flushes: flushes)
            try file.write(mark)
            #expect(try spool.flushMark() == mark)
            #expect(try spool.state.status(of: SpoolLayout.flushed).size == 64)
        }
    }
}
