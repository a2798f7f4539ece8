import Testing

/// Each way people write, for real and many times, with the daemon watching and all ways at once.
@Suite("every way of writing a drop")
struct WaysOfWritingTests {
    @Test("none fails, none is taken early", arguments: TemporarySpool.Mode.possible)
    func allWays(_ mode: TemporarySpool.Mode) async throws {
        let ways = WayOfWriting.allCases.filter { $0.programs.allSatisfy(Command.exists) }
        try await withDaemon(mode) { daemon in
            let spool = daemon.spool
            let variables = try await WholeBundle.make(in: spool)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for way in ways { group.addTask { try await write(way, on: spool, variables) } }
                try await group.waitForAll()
            }
        }
    }

    private func write(_ way: WayOfWriting, on spool: TemporarySpool, _ variables: [String: String]) async throws {
        var variables = variables
        variables["WAY"] = way.word
        variables["COUNT"] = "\(way.count)"
        try await spool.shell(way.commands, environment: variables)
        let begun = way == .append ? "begun\n" : ""
        for number in 1...way.count {
            let name = "\(way.word)-\(number)" + (way.ending == ".tool" ? ".tool" : "")
            let result = try await spool.result(
                of: "\(way.word)-\(number)\(way.ending)", name: name, within: .seconds(120))
            #expect(result.state == "succeeded", "\(way.rawValue): \(result)")
            #expect(result.stdout == begun + WholeBundle.output, "\(way.rawValue): \(result)")
            #expect(spool.results(named: name).count == 1, "\(way.rawValue): taken more than once")
        }
    }

    @Test("what these tests need is there", arguments: WayOfWriting.allCases)
    func needs(_ way: WayOfWriting) throws {
        for program in way.programs where !Command.exists(program) {
            try Test.cancel("\(way.rawValue) was not tried: \(program) is missing")
        }
    }
}
