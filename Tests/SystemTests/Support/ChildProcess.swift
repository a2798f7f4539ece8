import Glibc
import Linux
import Synchronization
import SystemPackage

/// One started program. A thread of its own waits for it, so nothing blocks the cooperative pool, and it is signalled by its
/// pid only as long as that pid is still its own.
final class ChildProcess: Sendable {
    enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    private struct State {
        var end: End?
        var waiting: [CheckedContinuation<End, Never>] = []
    }

    let pid: Int32
    private let state = Mutex(State())

    /// - Parameters:
    ///   - output: a file that standard output and standard error are appended to.
    ///   - directory: where it starts; nil: where the tests run.
    init(
        _ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null", output: String,
        directory: String? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var variables = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/tmp"]
        variables.merge(environment) { $1 }
        let arguments = (directory.map { ["env", "-C", $0] } ?? []) + arguments
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in words + settings { free(pointer) } }
        var child: Int32 = 0
        let error = posix_spawnp(&child, arguments[0], &actions, &attributes, &words, &settings)
        if error != 0 { throw Errno(rawValue: error) }
        pid = child
        try DedicatedThread.start("wait \(child)") { [self] in waitForEnd() }
    }

    /// Waits until it has ended.
    func end() async -> End {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// Does nothing if it has ended.
    func signal(_ number: Int32) {
        state.withLock { if $0.end == nil { _ = kill(pid, number) } }
    }

    private func waitForEnd() {
        // Not reaped yet, the pid stays its own; reaping and forgetting it is one step for `signal`.
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        let (end, waiting) = state.withLock { state in
            var status: Int32 = 0
            var waited = waitpid(pid, &status, 0)
            while waited < 0, errno == EINTR { waited = waitpid(pid, &status, 0) }
            // Somebody else collected it: how it ended is not known, and must not look like success.
            if waited < 0 { status = SIGKILL }
            let end = status & 0x7F == 0 ? End.exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
            state.end = end
            defer { state.waiting = [] }
            return (end, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }
}
