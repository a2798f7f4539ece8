internal import Glibc
internal import Linux
internal import SystemPackage

/// The programs that belong to the daemon: beside it, as `swift build` leaves them, else in `../libexec/bobbin`.
struct Programs {
    let launcher: String
    let unpacker: String
    let validator: String

    static func find() throws -> Programs {
        guard let own = realpath("/proc/self/exe", nil) else {
            throw StartupFailure(StartupFailure.internalError, ["cannot find its own program; is /proc mounted?"])
        }
        defer { free(own) }
        let directory = String(cString: own).split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        return Programs(
            launcher: try find("bobbin-launcher", near: directory),
            unpacker: try find("bobbin-unpack", near: directory),
            validator: try find("bobbin-validate", near: directory))
    }

    private static func find(_ name: String, near directory: String) throws -> String {
        let places = [directory, "\(directory)/../libexec/bobbin"]
        guard let place = places.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else {
            throw StartupFailure(
                StartupFailure.internalError,
                ["cannot find \(name) in \(places.joined(separator: " or ")); install it with: make install"])
        }
        return "\(place)/\(name)"
    }

    static func open(_ path: String) throws(Errno) -> OwnedDescriptor {
        let raw = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if raw < 0 { throw Errno(rawValue: errno) }
        return OwnedDescriptor(taking: raw)
    }
}
