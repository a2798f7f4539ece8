// Unpacks the archive on standard input into the current directory and prints a TreeReport. It runs in a sandbox of its own:
// libarchive reads what a stranger made.
//
//     bobbin-unpack ENDING MAX_BYTES MAX_ENTRIES < archive
//
// Exit 0 if a report was printed, whatever it says; 64 for wrong arguments; 75 if the disk was short of something, the errno's
// number first on stderr; 74 if the machine failed otherwise, said on stderr.

internal import Archives
internal import Glibc
internal import Linux
internal import SystemPackage
internal import Trees

func fail(_ status: Int32, _ message: String) -> Never {
    try? writeAll(2, Array("bobbin-unpack: \(message)\n".utf8))
    exit(status)
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let format = ArchiveFormat(ending: arguments[1]), let bytes = Int64(arguments[2]),
    bytes >= 0,
    let entries = Int(arguments[3]), entries >= 0
else {
    fail(64, "usage: bobbin-unpack tar|tar.gz|tgz|tar.zst|tar.xz|tar.bz2|zip MAX_BYTES MAX_ENTRIES < archive")
}
do {
    let report = try Unpacker.unpack(
        archive: 0, format: format, into: Directory(path: "."), limits: TreeLimits(bytes: bytes, entries: entries))
    try writeAll(1, Array(report.text.utf8))
} catch  where error.isScarcity && error != .noMemory && error != .tooManyOpenFiles {
    // Memory and descriptors are the sandbox's own: more of them would not come by waiting.
    try? writeAll(2, Array("\(error.rawValue) ".utf8))
    fail(75, "cannot unpack: \(error)")
} catch {
    fail(74, "cannot unpack: \(error)")
}
