internal import Glibc

/// The names of signals.
public enum Signal {
    /// As `SIGKILL`; a real-time signal as `SIGRTMIN+3`. The corresponding C function is `sigabbrev_np`.
    public static func name(_ number: Int32) -> String {
        if let name = names[number] { return "SIG" + name }
        return (34...64).contains(number) ? (number == 34 ? "SIGRTMIN" : "SIGRTMIN+\(number - 34)") : "signal \(number)"
    }

    // glibc has the table too, behind _GNU_SOURCE and since 2.32 only; the numbers are the kernel's for this architecture.
    private static let names: [Int32: String] = [
        SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGILL: "ILL", SIGTRAP: "TRAP", SIGABRT: "ABRT", SIGBUS: "BUS",
        SIGFPE: "FPE", SIGKILL: "KILL", SIGUSR1: "USR1", SIGSEGV: "SEGV", SIGUSR2: "USR2", SIGPIPE: "PIPE",
        SIGALRM: "ALRM",
        SIGTERM: "TERM", 16: "STKFLT", SIGCHLD: "CHLD", SIGCONT: "CONT", SIGSTOP: "STOP", SIGTSTP: "TSTP",
        SIGTTIN: "TTIN",
        SIGTTOU: "TTOU", SIGURG: "URG", SIGXCPU: "XCPU", SIGXFSZ: "XFSZ", SIGVTALRM: "VTALRM", SIGPROF: "PROF",
        SIGWINCH: "WINCH", 29: "IO", 30: "PWR", SIGSYS: "SYS",
    ]
}
