// Archives and schemas are hostile input, and the daemon reads them in sandboxes that only its launcher can make. Here the caller
// looks at something of its own, as `tar xf` would: the same programs do the work, as the caller (as root: as nobody), in a
// directory of its own, with limits on memory, processor time and file size, no way to gain privileges, and an empty
// environment. What one could do wrong, it could do with the caller's rights only, and in no place that the caller gave it but
// the private directory.

import Bundles
import CLinux
import Glibc
import Linux
import SystemPackage

/// One of Bobbin's programs for strangers' bytes, run for a check.
struct ConfinedProgram {
    let name: String
    /// Bytes that it may write to one file.
    let fileSize: UInt64
    /// Bytes of its output that are kept.
    let outputLimit: Int

    private static let nobody: UInt32 = 65534

    /// What it printed, and its wait status.
    func run(_ arguments: [String], input: Int32, in place: Directory) throws(Failure) -> ([UInt8], Int32) {
        let program = try Program.path(of: name)
        do throws(Errno) {
            if geteuid() == 0 { try place.changeOwner(to: Self.nobody, group: Self.nobody) }
            return try start([program] + arguments, input, place)
        } catch {
            throw Failure(.internal, "cannot run \(program): \(error)")
        }
    }

    /// This process has one thread, so its child may run Swift until it is another program.
    private func start(_ arguments: [String], _ input: Int32, _ place: Directory) throws(Errno) -> ([UInt8], Int32) {
        var ends: [Int32] = [-1, -1]
        try check(pipe(&ends))
        let reading = OwnedDescriptor(taking: ends[0])
        let writing = OwnedDescriptor(taking: ends[1])
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var nothing: [UnsafeMutablePointer<CChar>?] = [nil]
        // By descriptor: who became nobody may not be able to walk the path.
        let executable = OwnedDescriptor(
            taking: try check(linux_openat(AT_FDCWD, arguments[0], O_RDONLY | O_CLOEXEC, 0)))
        let child = try check(linux_fork())
        if child == 0 {
            confine(input, writing.rawValue, place)
            _ = linux_execveat(executable.rawValue, "", &pointers, &nothing, Int32(LINUX_AT_EMPTY_PATH))
            _exit(127)
        }
        _ = writing.release()
        close(ends[1])
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = try retrying { read(reading.rawValue, &buffer, buffer.count) }
            if count == 0 { break }
            // More than that is no answer; it is read to its end so that the writer is not killed for it.
            if output.count <= outputLimit { output += buffer[..<count] }
        }
        var status: Int32 = 0
        try retrying { linux_wait4(child, &status, 0, nil) }
        return (output, status)
    }

    private func confine(_ input: Int32, _ output: Int32, _ place: Directory) {
        guard dup2(input, 0) == 0, dup2(output, 1) == 1, fchdir(place.rawValue) == 0,
            limit(RLIMIT_CORE, 0), limit(RLIMIT_AS, 1 << 30), limit(RLIMIT_CPU, 300), limit(RLIMIT_NOFILE, 1024),
            limit(RLIMIT_FSIZE, fileSize), linux_close_range_cloexec(3, .max) == 0
        else { _exit(126) }
        if geteuid() == 0 {
            guard linux_setgroups0() == 0, setgid(Self.nobody) == 0, setuid(Self.nobody) == 0 else { _exit(126) }
        }
        // After the change of user, which clears it.
        guard linux_set_parent_death_signal(SIGKILL) == 0, linux_set_no_new_privileges() == 0 else { _exit(126) }
    }

    private func limit(_ resource: __rlimit_resource, _ value: UInt64) -> Bool {
        var limits = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limits) == 0 else { return false }
        let cut = min(rlim_t(value), limits.rlim_max)
        limits = rlimit(rlim_cur: cut, rlim_max: cut)
        return setrlimit(Int32(resource.rawValue), &limits) == 0
    }
}
