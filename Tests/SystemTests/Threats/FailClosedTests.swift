import Glibc
import Testing

/// THREATS 26, what concerns sandboxes: what is missing ends a run, or the start, with the reason; nothing runs without.
@Suite(.inTurn) struct FailClosedTests {
    private static let hasControlGroups = access("/sys/fs/cgroup/cgroup.controllers", R_OK) == 0

    @Test(
        "missing controller", .enabled(if: !hasControlGroups, "there may be all controllers here"),
        arguments: ["memory", "cpu"], TemporarySpool.Mode.possible)
    func controller(_ what: String, _ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings("sandbox: {require: [namespaces, seccomp, \(what)]}")) {
            daemon in
            try daemon.spool.drop("try.sh", script: "echo ran")
            let result = try await daemon.spool.result(of: "try.sh")
            #expect(result.state == "errored" && result.stdout.isEmpty, "\(result)")
            #expect(result.reason.contains(what), "\(result.reason)")
        }
    }

    /// The kernel's limit is one of each user namespace, so that one around the daemon can have its own.
    @Test("user namespaces off", .needs("unshare"), arguments: TemporarySpool.Mode.possible)
    func userNamespaces(_ mode: TemporarySpool.Mode) async throws {
        let spool = try await TemporarySpool(mode, settings: Brisk.settings)
        let off = "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\""
        // As root in it there is one user, the spool's: then neither its directories nor a run's user can be had, which is said as well.
        let starter =
            mode == .root
            ? ["unshare", "--user", "--map-root-user", "sh", "-c", off, "sh"]
            : ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", off, "sh"]
        let command = spool.daemonCommand([])
        // Behind what makes it an ordinary user's, before the program.
        let program = command.firstIndex { $0.hasSuffix("/bobbind") } ?? 0
        let daemon = try await Command.run(
            ["timeout", "60"] + Array(command[..<program]) + starter + Array(command[program...]))
        #expect(daemon.code != 0 && daemon.code < 124, "\(daemon.code): \(daemon.output)")
        #expect(!daemon.output.contains("ready: "), "\(daemon.output)")
        #expect(daemon.output.contains("cannot "), "\(daemon.output)")
        if mode == .rootless { #expect(daemon.output.contains("max_user_namespaces"), "\(daemon.output)") }
        await spool.remove()
    }
}
