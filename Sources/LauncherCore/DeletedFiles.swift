internal import Glibc
internal import Linux
internal import SystemPackage

/// What a run holds on disk that no walk of its directory finds: files that it keeps open and has deleted.
struct DeletedFiles {
    /// The launcher's /proc.
    let processes: Directory
    private struct File: Hashable {
        let device: UInt64
        let inode: UInt64
    }
    private var counted: Set<File> = []
    private(set) var bytes: Int64 = 0

    init(processes: Directory) { self.processes = processes }

    /// Counts those of all that came from a sandbox's init, until they are more than `limit`. Who dies meanwhile holds nothing.
    mutating func count(ofSandbox initial: Int32, limit: Int64) {
        var waiting = children(of: initial)
        // Whoever forks faster than this reads finds its end at the limit of processes.
        var seen: Set<Int32> = []
        while let process = waiting.popLast(), bytes <= limit {
            if !seen.insert(process).inserted { continue }
            waiting += children(of: process)
            count(of: process, limit: limit)
        }
    }

    private mutating func count(of process: Int32, limit: Int64) {
        // Of the same filesystem as its working directory: its /tmp has a limit of its own.
        var place = stat()
        guard fstatat(processes.rawValue, "\(process)/root/bundle", &place, 0) == 0,
            let files = try? processes.directory(beneath: Array("\(process)/fd".utf8))
        else { return }
        let device = UInt64(place.st_dev)
        var found: [(File, Int64)] = []
        try? files.forEachEntry { entry throws(Errno) in
            var file = stat()
            let result = entry.name.withCString { fstatat(files.rawValue, $0, &file, 0) }
            if result == 0, file.st_nlink == 0, file.st_mode & S_IFMT == S_IFREG, UInt64(file.st_dev) == device {
                found.append((File(device: device, inode: UInt64(file.st_ino)), Int64(file.st_blocks) * 512))
            }
            return true
        }
        for (file, size) in found where counted.insert(file).inserted { bytes += size }
    }

    /// Of each of its threads.
    private func children(of process: Int32) -> [Int32] {
        let threads = try? processes.directory(beneath: Array("\(process)/task".utf8)).entries()
        return (threads ?? []).flatMap { thread in
            let text = try? readKernelFile("\(process)/task/\(thread.name)/children", in: processes.rawValue)
            return String(decoding: text ?? [], as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
        }
    }
}
