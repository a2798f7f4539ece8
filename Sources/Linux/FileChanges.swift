internal import Glibc
public import SystemPackage

/// Changes the permission bits of an open file. The corresponding C function is `fchmod`.
public func changeMode(of descriptor: Int32, to mode: UInt32) throws(Errno) {
    CutPoint.pass("chmod", file: descriptor)
    try check(fchmod(descriptor, mode))
}

/// Changes the owner of an open file. The corresponding C function is `fchown`.
public func changeOwner(of descriptor: Int32, to owner: UInt32, group: UInt32) throws(Errno) {
    CutPoint.pass("chown", file: descriptor)
    try check(fchown(descriptor, owner, group))
}

/// Cuts an open file off, or lengthens it by a hole. The corresponding C function is `ftruncate`.
public func setSize(of descriptor: Int32, to size: Int64) throws(Errno) {
    CutPoint.pass("truncate", file: descriptor)
    try retrying { ftruncate(descriptor, off_t(size)) }
}

/// Writes everything of an open file, or the entries of an open directory, to disk. The corresponding C function is `fsync`.
public func flush(_ descriptor: Int32) throws(Errno) {
    CutPoint.pass("sync", file: descriptor)
    try retrying { fsync(descriptor) }
}

/// Writes the content of an open file to disk, and of what the kernel knows of it only its size. The corresponding C function is
/// `fdatasync`.
public func flushContent(of descriptor: Int32) throws(Errno) {
    CutPoint.pass("sync", file: descriptor)
    try retrying { fdatasync(descriptor) }
}

/// Writes all bytes at the present position. The corresponding C function is `write`.
public func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) throws(Errno) {
    var written = 0
    while written < bytes.count {
        CutPoint.pass("write", file: descriptor)
        written += try retrying {
            bytes.withUnsafeBytes { raw in
                let rest = UnsafeRawBufferPointer(rebasing: raw[written...])
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
        }
    }
}

/// Writes all bytes at an offset. The corresponding C function is `pwrite`.
public func writeAll(_ descriptor: Int32, _ bytes: [UInt8], at offset: Int64) throws(Errno) {
    let written = bytes.withUnsafeBytes { raw in
        Result { () throws(Errno) in try writeAll(descriptor, raw, at: offset) }
    }
    try written.get()
}

/// Writes all bytes at an offset. The corresponding C function is `pwrite`.
public func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) {
    var written = 0
    while written < bytes.count {
        CutPoint.pass("write", file: descriptor)
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        written += try retrying { pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(written)) }
    }
}
