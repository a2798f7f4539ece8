internal import Testing
internal import Trees

@Suite struct LinkTargetTests {
    @Test(arguments: [
        (0, "a"), (0, "a/b"), (0, "./a"), (0, "a//b/."), (1, "../a"), (2, "../../a"), (2, ".././../a/b"), (0, "."),
        (1, ".."),
        (0, "..a"), (0, "a.."), (0, "..."),
    ])
    func stays(depth: Int, target: String) {
        #expect(linkStaysInside(depth: depth, target: Array(target.utf8)))
    }

    @Test(arguments: [
        (0, ""), (0, "/"), (0, "/etc/passwd"), (0, ".."), (0, "../a"), (1, "../../a"), (5, "/a"), (0, "a/../../b"),
        // These would stay if `a` were a directory, and may leave since it may be a link.
        (0, "a/.."), (2, "a/../b"), (2, "../a/../b"), (0, "a\0b"),
    ])
    func mayLeave(depth: Int, target: String) {
        #expect(!linkStaysInside(depth: depth, target: Array(target.utf8)))
    }

    @Test func tooLong() {
        #expect(linkStaysInside(depth: 0, target: [UInt8](repeating: 0x61, count: 4095)))
        #expect(!linkStaysInside(depth: 0, target: [UInt8](repeating: 0x61, count: 4096)))
    }
}
