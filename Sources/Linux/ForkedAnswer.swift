internal import CLinux
internal import Glibc
public import SystemPackage

/// An answer that is found in a process of its own which has given up its privileges: for a process that has some and must not
/// itself read what others wrote. Only before there is a second thread.
public enum ForkedAnswer {
    /// What `body` returned there, nil as an empty answer; at most a page of it.
    public static func find(
        user: UInt32, group: UInt32, _ body: () -> [UInt8]
    ) throws(Errno) -> [UInt8] {
        let pipe = try Pipe()
        let pid = try check(linux_fork())
        if pid == 0 {
            do {
                try Credentials.become(user: user, group: group)
                try writeAll(pipe.writer.rawValue, Array(body().prefix(4096)))
            } catch { _exit(1) }
            _exit(0)
        }
        var status: Int32 = -1
        // Its answer fits into the pipe, so that it ends without a reader.
        _ = try retrying { linux_wait4(pid, &status, 0, nil) }
        if status != 0 { throw .ioError }
        var buffer = [UInt8](repeating: 0, count: 4096)
        // Not waiting: this process has the other end open as well.
        let length = read(pipe.reader.rawValue, &buffer, buffer.count)
        return length > 0 ? Array(buffer[..<length]) : []
    }
}
