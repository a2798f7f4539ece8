internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// What of `/etc` a run sees: what programs need to start and to find their own configuration, nothing that tells about
/// the host, its users or its secrets.
enum RootConfiguration {
    /// Copied, since a file that the host replaces by a rename would stay bound as it was.
    private static let files = [
        "ld.so.cache", "ld.so.conf", "mime.types", "services", "protocols", "inputrc", "papersize",
    ]
    /// Links or files, made as the host has them.
    private static let links = ["localtime", "timezone"]
    /// Bound, so that the operator's changes are seen; those that exist.
    private static let directories = [
        "alternatives", "ld.so.conf.d", "ssl/certs", "ca-certificates", "pki/tls/certs", "fonts", "perl", "R",
        "python3", "java",
        "ImageMagick-6", "texmf",
    ]
    /// Written, since the host's own name its users and networks. The one user is the script's.
    private static let written: [(name: String, text: String)] = [
        ("passwd", "script:x:1000:1000:script:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
        ("group", "script:x:1000:\nnogroup:x:65534:\n"),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"),
        ("hosts", "127.0.0.1 localhost bobbin\n::1 localhost bobbin\n"),
        ("hostname", "bobbin\n"),
    ]

    /// Fills `/base/etc` from `/host/etc`.
    static func write() throws(SetUpError) {
        try PrivateRoot.attempt("make /etc") { mkdir("/base/etc", 0o755) }
        for (name, text) in written { try PrivateRoot.makeFile("/base/etc/\(name)", Array(text.utf8)) }
        // Only a run with the host's network is shown one.
        try PrivateRoot.attempt("make resolv.conf") { symlink("/run/resolv.conf", "/base/etc/resolv.conf") }
        for name in files { try copy(name) }
        for name in links {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            if readlink("/host/etc/\(name)", &target, Int(PATH_MAX)) > 0 {
                try PrivateRoot.attempt("make \(name)") { symlink(target, "/base/etc/\(name)") }
            } else {
                try copy(name)
            }
        }
        for name in directories { try bind(name) }
    }

    /// Copies a regular file of at most 4 MiB, if there is one.
    private static func copy(_ name: String) throws(SetUpError) {
        let raw = linux_openat(AT_FDCWD, "/host/etc/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
        if raw < 0 { return }
        let file = OwnedDescriptor(taking: raw)
        guard let content = try? readAll(file.rawValue, limit: 4 << 20) else { return }
        try PrivateRoot.makeFile("/base/etc/\(name)", content)
    }

    private static func bind(_ name: String) throws(SetUpError) {
        var status = stat()
        if stat("/host/etc/\(name)", &status) < 0 || status.st_mode & S_IFMT != S_IFDIR { return }
        try PrivateRoot.makeParents(of: "/base/etc/\(name)")
        try PrivateRoot.attempt("make /etc/\(name)") { mkdir("/base/etc/\(name)", 0o755) }
        try PrivateRoot.bind("/etc/\(name)")
    }
}
