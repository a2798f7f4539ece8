internal import CLinux

/// What the kernel knows of its wall clock.
public enum WallClock {
    /// STA_UNSYNC of sys/timex.h.
    private static let unsynchronised: Int32 = 0x40

    /// Whether something, as NTP, keeps it right. The corresponding C function is `adjtimex`.
    public static var isKept: Bool {
        let status = linux_clock_status()
        return status >= 0 && status & unsynchronised == 0
    }
}
