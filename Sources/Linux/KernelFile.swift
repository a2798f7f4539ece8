internal import CLinux
public import Glibc
public import SystemPackage

/// Reads a file of /proc, whose size is always 0; a mebibyte of it at most.
public func readKernelFile(_ path: String, in directory: Int32 = AT_FDCWD) throws(Errno) -> [UInt8] {
    let file = OwnedDescriptor(taking: try retrying { linux_openat(directory, path, O_RDONLY | O_CLOEXEC, 0) })
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
        let length = try retrying { read(file.rawValue, &buffer, buffer.count) }
        if length == 0 { break }
        bytes += buffer[..<length]
    }
    return bytes
}

/// Writes a file of /proc or of a control group, in one call as the kernel wants it.
public func writeKernelFile(_ directory: Int32, _ path: String, _ text: String) throws(Errno) {
    let file = OwnedDescriptor(taking: try retrying { linux_openat(directory, path, O_WRONLY | O_CLOEXEC, 0) })
    var text = text
    let written = text.withUTF8 { write(file.rawValue, $0.baseAddress, $0.count) }
    if written < 0 { throw Errno(rawValue: errno) }
}
