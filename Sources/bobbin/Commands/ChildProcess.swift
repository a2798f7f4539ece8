import CLinux
import Glibc
import Linux
import SystemPackage

/// Programs of the system that a command starts: by an absolute path, without a shell.
enum ChildProcess {
    /// Runs a program to its end, with this one's output as its own; its exit code, or 128 and the signal's number.
    static func run(_ program: String, _ arguments: [String]) throws(Errno) -> Int32 {
        try wait(spawn(program, arguments, output: nil))
    }

    /// What a program printed on both of its outputs, at most 4 KiB; nil if it could not be run or failed.
    static func output(_ program: String, _ arguments: [String]) -> String? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        let reading = OwnedDescriptor(taking: ends[0])
        let writing = OwnedDescriptor(taking: ends[1])
        guard fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0,
            let child = try? spawn(program, arguments, output: writing.rawValue)
        else { return nil }
        close(writing.release())
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = try? retrying({ read(reading.rawValue, &buffer, buffer.count) }), count > 0 {
            if text.count < 4096 { text += buffer[..<count] }
        }
        guard (try? wait(child)) == 0 else { return nil }
        return escaped(text.prefix { $0 != 0x0A })
    }

    private static func spawn(_ program: String, _ arguments: [String], output: Int32?) throws(Errno) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
            posix_spawn_file_actions_adddup2(&actions, output, 2)
        } else {
            // Standard output is for answers.
            posix_spawn_file_actions_adddup2(&actions, 2, 1)
        }
        var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child = pid_t()
        let result = posix_spawn(&child, program, &actions, nil, &pointers, environ)
        if result != 0 { throw Errno(rawValue: result) }
        return child
    }

    private static func wait(_ child: pid_t) throws(Errno) -> Int32 {
        var status: Int32 = 0
        try retrying { linux_wait4(child, &status, 0, nil) }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    }
}
