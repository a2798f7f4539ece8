public import Linux
package import SystemPackage

/// A directory of the spool, as the names that lead to it from the spool's own directory.
///
/// The launcher opens it itself, one checked name at a time and never through a link, from the one directory it was
/// started for: so no request can reach beyond the spool. A descriptor could not do that job: it belongs to the
/// daemon's mount namespace, where the launcher can neither mount what it shows nor rename between it and its own.
public struct Place: Hashable, Sendable, CustomStringConvertible {
    public let names: [EntryName]

    public static let deepest = 8

    public init(_ names: [EntryName]) { self.names = names }

    public func appending(_ name: EntryName) -> Place { Place(names + [name]) }

    public var description: String { names.map(\.description).joined(separator: "/") }

    /// Opens it. EXDEV if something is mounted on the way: every step of a bundle is a rename.
    package func open(in spool: Directory) throws(Errno) -> Directory {
        if names.isEmpty { return try spool.reopened() }
        return try spool.directory(beneath: Array(names.map(\.bytes).joined(separator: [0x2F])), crossingMounts: false)
    }

    package func encode(to writer: inout WireWriter) {
        writer.put(UInt8(truncatingIfNeeded: names.count))
        for name in names { writer.put(name.bytes) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let count = Int(try reader.number(UInt8.self))
        if count > Self.deepest { throw .invalid("place") }
        var names: [EntryName] = []
        for _ in 0..<count { names.append(try EntryName(from: &reader)) }
        self.names = names
    }
}

extension EntryName {
    package init(from reader: inout WireReader) throws(WireError) {
        let name = EntryName(bytes: try reader.string())
        if !name.isSafe { throw .invalid("name") }
        self = name
    }
}
