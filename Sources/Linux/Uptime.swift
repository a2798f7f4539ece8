internal import Glibc

/// The boot clock, which nobody can set and which counts also while the machine sleeps, and which boot it counts from.
public struct Uptime: Sendable, Hashable {
    /// Of the kernel's making, another one at each boot; empty where it cannot be read.
    public let bootID: String
    public let milliseconds: Int64

    public init(bootID: String, milliseconds: Int64) {
        self.bootID = bootID
        self.milliseconds = milliseconds
    }

    /// The corresponding C function is `clock_gettime(CLOCK_BOOTTIME)`.
    public static func now() -> Uptime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Uptime(
            bootID: currentBootID, milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Does not change as long as this process lives.
    private static let currentBootID = (try? readBootID()) ?? ""

    private static func readBootID() throws -> String {
        let file = OwnedDescriptor(
            taking: try check(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)))
        var buffer = [UInt8](repeating: 0, count: 64)
        let length = try retrying { buffer.withUnsafeMutableBytes { read(file.rawValue, $0.baseAddress, $0.count) } }
        return String(decoding: buffer[..<length].prefix { $0 != 0x0A }, as: UTF8.self)
    }
}
