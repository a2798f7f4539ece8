/// The URL of a package index, which may hold a password.
public enum IndexURL {
    /// The URL as it may be shown: who the index lets in is nobody's business.
    public static func shown(_ url: String) -> String {
        guard let (before, _, after) = parts(of: url) else { return url }
        return "\(before)****@\(after)"
    }

    /// What must be shown nowhere: the user and the password in a URL, as written there.
    public static func secrets(in url: String) -> [String] {
        guard let credentials = parts(of: url)?.credentials, !credentials.isEmpty else { return [] }
        let words = credentials.split(separator: ":", maxSplits: 1).map(String.init)
        // A password alone is worth hiding; with one, a user's name is not.
        return [credentials] + (words.count == 2 ? [words[1]] : [])
    }

    private static func parts(of url: String) -> (before: Substring, credentials: String, after: Substring)? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let host = url[scheme.upperBound...].prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return nil }
        return (url[..<scheme.upperBound], String(host[..<at]), url[url.index(after: at)...])
    }
}
