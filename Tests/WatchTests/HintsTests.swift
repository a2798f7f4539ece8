import Linux
import Testing

@testable import Watch

@Suite("hints")
struct HintsTests {
    private let directory = WatchedDirectory(number: 1)

    private func hint(_ number: Int) -> Hint { .renamedIn(directory, EntryName(bytes: Array("e\(number)".utf8))) }

    private func all(_ queue: HintQueue) async -> [Hint] {
        queue.finish()
        var all: [Hint] = []
        for await hint in Hints(queue) { all.append(hint) }
        return all
    }

    @Test("come in their order, each once as long as nobody took it") func order() async {
        let queue = HintQueue()
        for number in [3, 1, 3, 2, 1] { queue.add(hint(number)) }
        var hints = Hints(queue).makeAsyncIterator()
        #expect(await hints.next() == hint(3))
        // Taken: what happens from here on asks for another look.
        queue.add(hint(3))
        for number in [1, 2, 3] { #expect(await hints.next() == hint(number)) }
        queue.finish()
        #expect(await hints.next() == nil)
    }

    @Test("a million events of two names are two hints") func coalescing() async {
        let queue = HintQueue()
        for number in 0..<1_000_000 { queue.add(hint(number % 2)) }
        #expect(await all(queue) == [hint(0), hint(1)])
    }

    @Test("too many different ones are one overflow, and nothing is added to that") func overflow() async {
        let queue = HintQueue()
        for number in 0...HintQueue.most { queue.add(hint(number)) }
        queue.add(hint(0))
        queue.add(.overflow)
        #expect(await all(queue) == [.overflow])
    }

    @Test("as many as there is room for are all kept") func full() async {
        let queue = HintQueue()
        for number in 0..<HintQueue.most { queue.add(hint(number)) }
        #expect(await all(queue) == (0..<HintQueue.most).map(hint))
    }

    @Test("who waits is woken, and a cancelled task ends") func waiting() async {
        let queue = HintQueue()
        let task = Task {
            var count = 0
            for await _ in Hints(queue) { count += 1 }
            return count
        }
        queue.add(hint(1))
        task.cancel()
        #expect(await task.value <= 1)
    }
}
