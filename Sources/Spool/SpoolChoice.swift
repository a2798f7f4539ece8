internal import Glibc
internal import Linux

/// Which spool a program means that was not told one.
public enum SpoolChoice {
    public static let systemPath = "/var/spool/bobbin"

    /// The option's, else `$BOBBIN_SPOOL`, else `./spool` if the caller or root owns it, else `/var/spool/bobbin`.
    public static func path(option: String?) -> String {
        if let option { return option }
        if let named = getenv("BOBBIN_SPOOL").map({ String(cString: $0) }), !named.isEmpty { return named }
        // Somebody else's ./spool, in a directory that many may write, would be a trap.
        if let here = try? Directory(path: "spool"), let status = try? here.status(),
            status.owner == geteuid() || status.owner == 0
        {
            return "spool"
        }
        return systemPath
    }
}
