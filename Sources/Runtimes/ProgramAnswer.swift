internal import Glibc
internal import Linux
internal import SystemPackage

/// What a program of the operator's prints, for a question that takes a moment. Blocks.
enum ProgramAnswer {
    /// Milliseconds that it may take.
    private static let patience: Int64 = 10_000
    private static let longest = 64 << 10

    /// nil if it cannot be started, fails, takes too long or says too much. It sees nothing of this program's environment.
    static func of(_ program: String, _ arguments: [String]) -> String? {
        guard let (reader, child) = spawn(program, arguments) else { return nil }
        let output = read(reader.rawValue)
        if output == nil { kill(child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? output : nil
    }

    /// The writing end is let go of on return: then only the program has it.
    private static func spawn(_ program: String, _ arguments: [String]) -> (SharedDescriptor, pid_t)? {
        guard let pipe = try? Pipe() else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipe.writer.rawValue, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"]
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, program, &actions, nil, &words, &variables) == 0 else { return nil }
        return (pipe.reader, child)
    }

    /// All of it; nil if it does not end in time.
    private static func read(_ reader: Int32) -> String? {
        let deadline = ContinuousClock.now + .milliseconds(patience)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var polled = [pollfd(fd: reader, events: Int16(POLLIN), revents: 0)]
        while text.count <= longest {
            let left = (deadline - .now) / .milliseconds(1)
            if left <= 0 { return nil }
            if poll(&polled, 1, Int32(left.rounded(.up))) < 0, errno != EINTR { return nil }
            let count = Glibc.read(reader, &buffer, buffer.count)
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            if count > 0 { text += buffer[..<count] } else if errno != EAGAIN, errno != EINTR { return nil }
        }
        return nil
    }
}
