import CLinux
import Glibc
import Linux
import SystemPackage
import Testing

@Suite("Users, signals, pipes and polling")
struct KernelFaceTests {
    @Test("Root has a name, and its name has a number")
    func root() throws {
        #expect(UserDatabase.name(ofUser: 0) == "root")
        #expect(UserDatabase.name(ofGroup: 0) == "root")
        let root = try #require(UserDatabase.user(named: "root"))
        #expect(root == (0, 0))
        #expect(UserDatabase.isUser(0, inGroup: 0))
    }

    @Test("Who is not there has no name and is in no group")
    func nobody() {
        let stranger: UInt32 = 4_000_000_123
        #expect(UserDatabase.name(ofUser: stranger) == nil)
        #expect(UserDatabase.name(ofGroup: stranger) == nil)
        #expect(UserDatabase.user(named: "no such user") == nil)
        #expect(!UserDatabase.isUser(stranger, inGroup: stranger))
        #expect(!UserDatabase.isUser(0, inGroup: stranger))
    }

    @Test(
        "Signals are called as everybody calls them",
        arguments: [
            (1, "SIGHUP"), (9, "SIGKILL"), (11, "SIGSEGV"), (15, "SIGTERM"), (25, "SIGXFSZ"), (31, "SIGSYS"),
            (34, "SIGRTMIN"), (37, "SIGRTMIN+3"), (64, "SIGRTMIN+30"), (0, "signal 0"), (32, "signal 32"),
            (65, "signal 65"), (-1, "signal -1"),
        ] as [(Int32, String)])
    func signals(number: Int32, name: String) { #expect(Signal.name(number) == name) }

    @Test("Every signal of the kernel has a name")
    func allSignals() {
        let names = (1...31).map { Signal.name($0) }
        #expect(Set(names).count == 31)
        #expect(names.allSatisfy { $0.hasPrefix("SIG") })
    }

    @Test("A pipe's reading end does not block, its writing end does")
    func pipe() throws {
        let pipe = try Pipe()
        var buffer = [UInt8](repeating: 0, count: 4)
        #expect(read(pipe.reader.rawValue, &buffer, 4) == -1)
        #expect(errno == EAGAIN)
        #expect(fcntl(pipe.writer.rawValue, F_GETFL) & O_NONBLOCK == 0)
        try writeAll(pipe.writer.rawValue, [1, 2])
        #expect(read(pipe.reader.rawValue, &buffer, 4) == 2)
        #expect(Array(buffer[..<2]) == [1, 2])
    }

    @Test("A poller tells what can be read and what is at its end", .timeLimit(.minutes(1)))
    func poller() throws {
        let poller = try Poller()
        let first = try Pipe()
        var second: Pipe? = try Pipe()
        try poller.add(first.reader.rawValue, token: 1)
        let reader = try #require(second).reader
        try poller.add(reader.rawValue, token: .max)
        var tokens = [UInt64](repeating: 0, count: 8)

        try writeAll(first.writer.rawValue, [1])
        #expect(try poller.wait(&tokens) == 1)
        #expect(tokens[0] == 1)
        // Level-triggered: it is said again as long as it is so.
        #expect(try poller.wait(&tokens) == 1)

        poller.remove(first.reader.rawValue)
        second = nil
        #expect(try poller.wait(&tokens) == 1)
        #expect(tokens[0] == .max)
        #expect(throws: Errno.fileExists) { try poller.add(reader.rawValue, token: 2) }
    }

    @Test("More ready descriptors than there is room for come in turns", .timeLimit(.minutes(1)))
    func pollerRoom() throws {
        let poller = try Poller()
        let pipes = try (0..<10).map { _ in try Pipe() }
        for (index, pipe) in pipes.enumerated() {
            try poller.add(pipe.reader.rawValue, token: UInt64(index))
            try writeAll(pipe.writer.rawValue, [0])
        }
        var seen: Set<UInt64> = []
        var tokens = [UInt64](repeating: 0, count: 4)
        for _ in 0..<10 where seen.count < 10 { seen.formUnion(tokens[..<(try poller.wait(&tokens))]) }
        #expect(seen.count == 10)
    }

    @Test("Sealed memory is read as it was made; anything else is refused")
    func sealedMemory() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let memory = try SealedMemory.make(bytes, name: "test")
        #expect(try SealedMemory.read(memory.rawValue, limit: bytes.count) == bytes)
        #expect(throws: Errno.fileTooLarge) { try SealedMemory.read(memory.rawValue, limit: bytes.count - 1) }
        #expect(throws: Errno.notPermitted) { try writeAll(memory.rawValue, [1]) }
        #expect(ftruncate(memory.rawValue, 1) == -1)
        let open = OwnedDescriptor(taking: linux_memfd_create("open"))
        #expect(throws: Errno.notPermitted) { try SealedMemory.read(open.rawValue, limit: 10) }
        let pipe = try Pipe()
        #expect(throws: Errno.invalidArgument) { try SealedMemory.read(pipe.reader.rawValue, limit: 10) }
    }

    @Test("Messages arrive whole, with their descriptors, and the end is told")
    func messages() throws {
        var (near, far): (MessageSocket?, MessageSocket) = try MessageSocket.pair()
        let pipe = try Pipe()
        try near?.send([1, 2, 3], descriptors: [pipe.writer.rawValue])
        try near?.send([4])
        let first = try #require(try far.receive())
        #expect(first.bytes == [1, 2, 3])
        #expect(first.descriptors.count == 1)
        try writeAll(first.descriptors[0].rawValue, [7])
        var byte: UInt8 = 0
        #expect(read(pipe.reader.rawValue, &byte, 1) == 1)
        #expect(byte == 7)
        #expect(try far.receive()?.bytes == [4])
        #expect(throws: Errno.resourceTemporarilyUnavailable) { try far.receive(wait: false) }
        #expect(throws: Errno.messageTooLong) {
            try near?.send([UInt8](repeating: 0, count: MessageSocket.longestMessage + 1))
        }
        near = nil
        #expect(try far.receive() == nil)
    }

    @Test("What runs on a thread of its own runs, with the signals blocked", .timeLimit(.minutes(1)))
    func thread() async throws {
        let isBlocked = try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Bool, any Error>) in
            do {
                try DedicatedThread.start("a name that is far too long for the kernel") {
                    var blocked = sigset_t()
                    pthread_sigmask(SIG_BLOCK, nil, &blocked)
                    answer.resume(returning: sigismember(&blocked, SIGTERM) == 1)
                }
            } catch {
                answer.resume(throwing: error)
            }
        }
        #expect(isBlocked)
    }
}
