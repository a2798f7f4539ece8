import Foundation
import Glibc

/// What /proc says of processes.
enum Processes {
    /// All that come from a process, however far down.
    static func descendants(of pid: Int32) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let number = Int32(entry), let parent = parent(of: number) else { continue }
            children[parent, default: []].append(number)
        }
        var found: [Int32] = []
        var next = children[pid] ?? []
        while let child = next.popLast() {
            found.append(child)
            next += children[child] ?? []
        }
        return found
    }

    /// All whose command line is of that kind.
    static func all(where isMeant: (String) -> Bool) -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter { pid in
            text(pid, "cmdline").map(isMeant) ?? false
        }
    }

    /// The command's name as the kernel has it, at most 15 bytes.
    static func name(of pid: Int32) -> String {
        (text(pid, "comm") ?? "").trimmingCharacters(in: .newlines)
    }

    /// VmHWM in KiB; 0 for one that is gone.
    static func peakMemory(of pid: Int32) -> Int { memory(pid, "VmHWM:") }

    /// VmRSS in KiB; 0 for one that is gone.
    static func residentMemory(of pid: Int32) -> Int { memory(pid, "VmRSS:") }

    private static func memory(_ pid: Int32, _ key: String) -> Int {
        let line = (text(pid, "status") ?? "").split(separator: "\n").first { $0.hasPrefix(key) }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// What a process has started and not yet awaited.
    static func children(of pid: Int32) -> [Int32] {
        (text(pid, "task/\(pid)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
    }

    /// What each of its descriptors is open on.
    static func openFiles(of pid: Int32) throws -> [String] {
        let directory = "/proc/\(pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap {
            // One that was closed meanwhile is not open.
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)")
        }
    }

    /// Whether a signal has stopped it.
    static func isStopped(_ pid: Int32) -> Bool { fields(pid)?.first == "T" }

    /// A variable of the environment that it was started with.
    static func variable(_ name: String, of pid: Int32) -> String? {
        let line = (text(pid, "environ") ?? "").split(separator: "\0").first { $0.hasPrefix(name + "=") }
        return line.map { String($0.dropFirst(name.utf8.count + 1)) }
    }

    /// How often each thread of some processes was switched away from, of its own will and not, by its number.
    static func switches(of processes: [Int32]) -> [String: [Substring]] {
        var found: [String: [Substring]] = [:]
        for process in processes {
            for thread in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? [] {
                let lines = (text(process, "task/\(thread)/status") ?? "").split(separator: "\n")
                found[thread] = lines.filter { $0.contains("ctxt_switches") }
            }
        }
        return found
    }

    private static func parent(of pid: Int32) -> Int32? { fields(pid).flatMap { $0.count > 1 ? Int32($0[1]) : nil } }

    /// Its `stat` from the state on: the command's name before that stands in parentheses and may hold anything.
    private static func fields(_ pid: Int32) -> [Substring]? {
        guard let stat = text(pid, "stat"), let end = stat.lastIndex(of: ")") else { return nil }
        return stat[end...].dropFirst().split(separator: " ")
    }

    private static func text(_ pid: Int32, _ file: String) -> String? {
        (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/\(file)"))).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
