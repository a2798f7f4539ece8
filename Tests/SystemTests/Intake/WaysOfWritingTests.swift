import Testing

/// Each way people write, for real and many times, with the daemon watching and all ways at once.
@Suite("every way of writing a drop") struct WaysOfWritingTests {
    @Suite("as root", .needsRoot, .sharedDaemon(.root)) struct AsRoot {
        @Test("none fails, none is taken early", arguments: WayOfWriting.allCases)
        func write(_ way: WayOfWriting) async throws { try await way.tryOut() }
    }

    @Suite("rootless", .sharedDaemon(.rootless)) struct Rootless {
        @Test("none fails, none is taken early", arguments: WayOfWriting.allCases)
        func write(_ way: WayOfWriting) async throws { try await way.tryOut() }
    }
}

extension WayOfWriting {
    /// Writes all bundles in this way, and expects of each one whole run.
    fileprivate func tryOut() async throws {
        for program in programs where !Command.exists(program) { try Test.cancel("\(program) is missing") }
        let spool = try Daemon.shared.spool
        var variables = try await WholeBundle.make(in: spool)
        variables["WAY"] = word
        variables["COUNT"] = "\(count)"
        try await spool.shell(#"cd "$PLACE""# + "\n" + commands, environment: variables)
        let begun = self == .append ? "begun\n" : ""
        for number in 1...count {
            let name = "\(word)-\(number)" + (ending == ".tool" ? ".tool" : "")
            let result = try await spool.result(of: "\(word)-\(number)\(ending)", name: name, within: .seconds(180))
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.stdout == begun + WholeBundle.output, "\(result)")
            #expect(spool.results(named: name).count == 1, "taken more than once")
        }
    }
}
