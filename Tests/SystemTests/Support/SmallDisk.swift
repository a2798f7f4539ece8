import Foundation
import Glibc
import SystemPackage

/// A small filesystem for one spool, in a mount namespace of its own that lasts as long as a process that holds it. The machine's
/// own mounts stay as they are; the tests reach it through that process's root in /proc.
final class SmallDisk: Sendable {
    enum Form: Sendable {
        /// In memory: so many KiB, and files at most.
        case memory(kib: Int, files: Int = 100_000)
        /// A file that is a disk, of so many MiB; only root has such.
        case ext4(mib: Int)
    }

    /// Where the daemon sees it.
    let inside: String
    private let holder: ChildProcess
    private let log: String

    /// Where the tests see it.
    var outside: String { "/proc/\(holder.pid)/root\(inside)" }

    init(_ form: Form, in base: String) async throws {
        inside = base + "/disk"
        log = base + "/disk.log"
        let mount: String
        switch form {
        case .memory(let kib, let files): mount = "mount -t tmpfs -o size=\(kib)k,nr_inodes=\(files),mode=755 none"
        case .ext4(let mib):
            // All of it for everybody: what ext4 keeps for root would not be full for the tests.
            let image = inside + ".image"
            try await Command.check(["truncate", "-s", "\(mib)M", image])
            try await Command.check(["mkfs.ext4", "-q", "-F", "-m", "0", image])
            mount = "mount -o loop,errors=remount-ro \(image)"
        }
        try await Command.check(["mkdir", inside])
        let user = geteuid() == 0 ? [] : ["-U", "-r"]
        holder = try ChildProcess(
            ["unshare", "--mount", "--propagation", "private"] + user
                + ["sh", "-c", "\(mount) \(inside) && echo mounted && exec sleep infinity"], output: log)
        try await eventually("a small disk; \(said)") {
            if holder.hasEnded { throw Command.Failure(description: "no small disk: \(said)") }
            return said.contains("mounted")
        }
    }

    private var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// What goes before a command that is to see the disk.
    var starter: [String] {
        let enter = ["nsenter", "-t", "\(holder.pid)", "--mount"]
        if geteuid() == 0 { return enter + ["--"] }
        // Root of the namespace that holds the mount, and an ordinary user again in one below it.
        return enter + ["--user", "--preserve-credentials", "--"]
            + ["unshare", "--map-user=\(geteuid())", "--map-group=\(getegid())", "--"]
    }

    /// Runs a command as who made the disk.
    func shell(_ script: String) async throws {
        let user = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        try await Command.check(
            ["nsenter", "-t", "\(holder.pid)", "--mount"] + user + ["--", "sh", "-euc", script],
            environment: ["DISK": inside])
    }

    /// Leaves no byte free.
    func fill() throws {
        let file = open("\(outside)/fill", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        if file < 0 { throw Errno(rawValue: errno) }
        defer { close(file) }
        for size in [1 << 20, 4096, 1] {
            let bytes = [UInt8](repeating: 0x66, count: size)
            while write(file, bytes, size) > 0 {}
        }
        // What is only promised to it would still come from elsewhere.
        fsync(file)
    }

    /// Leaves so many KiB free.
    func fill(leaving kib: Int) throws {
        try fill()
        var status = stat()
        stat("\(outside)/fill", &status)
        truncate("\(outside)/fill", max(0, status.st_size - kib << 10))
    }

    /// Makes files until there may be no more.
    func fillWithFiles() throws {
        mkdir("\(outside)/files", 0o700)
        var number = 0
        while true {
            let file = open("\(outside)/files/\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            if file < 0 { return }
            close(file)
            number += 1
        }
    }

    /// Takes away what filled it.
    func makeRoom() throws {
        unlink("\(outside)/fill")
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(outside)/files")) ?? [] {
            unlink("\(outside)/files/\(name)")
        }
    }

    /// Lets go of it; it is gone when no daemon has it any more.
    func remove() async {
        holder.signal(SIGKILL)
        _ = await holder.end()
    }
}
