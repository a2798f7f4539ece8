import Testing

/// Each of the sandbox's mechanisms left out: the run says so in `enforced`, and ends `errored` where it is required.
@Suite(.inTurn) struct ProtectionTests {
    struct Mechanism: Sendable, CustomTestStringConvertible {
        let name: String
        /// The key of `enforced` that must be gone, or hold something else.
        let key: String
        /// Whether settings or the launcher require it, so that nothing may run.
        let isRequired: Bool
        var testDescription: String { name }
    }

    static let mechanisms = [
        Mechanism(name: "seccomp", key: "seccomp", isRequired: true),
        Mechanism(name: "capabilities", key: "capabilities", isRequired: true),
        Mechanism(name: "no_new_privs", key: "no_new_privs", isRequired: true),
        Mechanism(name: "network", key: "network", isRequired: true),
        Mechanism(name: "ipc", key: "namespaces", isRequired: true),
        Mechanism(name: "uts", key: "namespaces", isRequired: true),
        Mechanism(name: "cgroup", key: "namespaces", isRequired: true),
        Mechanism(name: "keyring", key: "keyring", isRequired: false),
        Mechanism(name: "limits", key: "processes", isRequired: false),
    ]

    @Test(arguments: mechanisms, TemporarySpool.Mode.possible)
    func whatIsMissingIsNoticed(_ mechanism: Mechanism, _ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings, environment: ["BOBBIN_WITHOUT": mechanism.name]) {
            daemon in
            try daemon.spool.drop("try.sh", script: "echo ran")
            let result = try await daemon.spool.result(of: "try.sh")
            if mechanism.isRequired {
                #expect(result.state == "errored", "\(result)")
                #expect(result.stdout.isEmpty, "it never runs without: \(result)")
                #expect(!result.reason.isEmpty)
            } else {
                #expect(result.state == "succeeded", "\(result)")
                #expect(result.enforced[mechanism.key] == nil, "\(result.enforced)")
            }
        }
    }

    /// What an operator does without is said in each result.
    @Test func whatIsNotRequiredIsOnlySaid() async throws {
        let settings = Brisk.settings("sandbox: {require: []}")
        try await withDaemon(settings: settings, environment: ["BOBBIN_WITHOUT": "seccomp,network,uts"]) { daemon in
            try daemon.spool.drop("try.sh", script: "grep Seccomp: /proc/self/status; uname -n")
            let result = try await daemon.spool.result(of: "try.sh")
            #expect(result.state == "succeeded", "\(result)")
            let enforced = result.enforced
            #expect(enforced["seccomp"] == nil && enforced["network"] == "host", "\(enforced)")
            #expect(
                enforced["namespaces"]?.contains("network") == false && enforced["namespaces"]?.contains("uts") == false
            )
            #expect(result.stdout.hasPrefix("Seccomp:\t0\n"), "it says what is so: \(result.stdout)")
        }
    }

    @Test(arguments: TemporarySpool.Mode.possible) func withEverythingAllIsHeld(_ mode: TemporarySpool.Mode)
        async throws
    {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            try daemon.spool.drop("try.sh", script: "grep -E 'Seccomp:|NoNewPrivs|Cap(Eff|Bnd)' /proc/self/status")
            let result = try await daemon.spool.result(of: "try.sh")
            let enforced = result.enforced
            #expect(enforced["namespaces"] == "user mount pid network ipc uts cgroup")
            #expect(
                enforced["seccomp"] == "filter" && enforced["network"] == "none" && enforced["no_new_privs"] == "prctl")
            for line in ["Seccomp:\t2", "NoNewPrivs:\t1", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000"] {
                #expect(result.stdout.contains(line), "\(result.stdout)")
            }
        }
    }
}
