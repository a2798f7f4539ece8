internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// What a run may be handed as its standard input, output, error, and program.
///
/// A directory would be a way out of the sandbox's root, a socket one to whoever is at its other end, a device whatever it is: each
/// would show a run more of the host than its root does. And a pipe with a name is somebody else's file, which is not given away.
enum RunDescriptors {
    private static let pipefs: Int = 0x5049_5045

    static func isStream(_ descriptor: Int32) -> Bool {
        guard let status = try? FileStatus.of(descriptor: descriptor) else { return false }
        return switch status.kind {
        case .regular: true
        case .fifo: isUnnamedPipe(descriptor)
        case .characterDevice: status.deviceNumber == null
        case .directory, .link, .socket, .blockDevice, .unknown: false
        }
    }

    static func isProgram(_ descriptor: Int32) -> Bool {
        (try? FileStatus.of(descriptor: descriptor))?.kind == .regular
    }

    static func isUnnamedPipe(_ descriptor: Int32) -> Bool {
        linux_filesystem_type(descriptor) == pipefs
    }

    /// /dev/null, by its number.
    private static let null: UInt64 = 1 << 8 | 3
}
