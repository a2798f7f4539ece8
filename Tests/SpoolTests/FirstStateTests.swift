import Glibc
import Linux
import Runs
import Spool
import TestSupport
import Testing

@Suite("The state of the first runs of a queue") struct FirstStateTests {
    @Test("Several runs that are the first at once all get theirs") func together() async throws {
        let scratch = try Scratch()
        let spool = try Spool(preparing: scratch.path)
        let queue = try #require(QueueName("default"))
        let name = try #require(BundleName("first"))
        for round in 0..<100 {
            let parent = try spool.active.makeOrOpenDirectory(EntryName("round\(round)"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let run = RunID.new()
                        let result = try spool.resultDirectory(name, run, in: parent)
                        let status = RunStatus(
                            run: run, name: name, queue: queue, state: .queued, owner: "somebody", submittedAt: .now())
                        try result.write(status)
                        let text = try result.directory.read("state", limit: 100)
                        #expect(text == Array("queued\n".utf8))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
