internal import Glibc
internal import History
internal import Linux
internal import Runs

/// What time it is for a sweep: never much later than the last sweep's time and the time that has passed since, whatever
/// somebody set the wall clock to. A clock that jumps a year ahead must not empty the spool.
enum SweepClock {
    /// The boot clock, which counts also while the machine sleeps, and which boot it counts from.
    struct Uptime: Sendable, Hashable {
        let bootID: String
        let milliseconds: Int64

        /// The corresponding C function is `clock_gettime(CLOCK_BOOTTIME)`.
        static func now() -> Uptime {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            let id = (try? readKernelText("/proc/sys/kernel/random/boot_id")) ?? ""
            return Uptime(bootID: id, milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        }

        private static func readKernelText(_ path: String) throws -> String {
            let file = OwnedDescriptor(taking: try check(open(path, O_RDONLY | O_CLOEXEC)))
            var buffer = [UInt8](repeating: 0, count: 64)
            let length = try retrying {
                buffer.withUnsafeMutableBytes { read(file.rawValue, $0.baseAddress, $0.count) }
            }
            return String(decoding: buffer[..<length].prefix { $0 != 0x0A }, as: UTF8.self)
        }
    }

    /// The smaller of the wall clock and the last sweep's time plus what has passed since.
    ///
    /// What has passed counts twice: how long a machine was off is not known, and so it catches up with the wall clock after that.
    static func now(wall: Timestamp, uptime: Uptime, last: SweepMark?) -> Timestamp {
        guard let last else { return wall }
        // After another boot at least the time since then has passed.
        let passed =
            last.bootID == uptime.bootID
            ? max(0, uptime.milliseconds - last.bootMilliseconds) : max(0, uptime.milliseconds)
        return min(wall, Timestamp(milliseconds: last.at.milliseconds + 2 * passed))
    }
}
