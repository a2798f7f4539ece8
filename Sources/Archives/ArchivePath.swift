internal import Linux

/// The path of an archive's entry, checked: names below the root, none of them `.` or `..`. Empty for the root itself.
struct ArchivePath: Hashable {
    let names: [EntryName]

    /// Why a path cannot be one.
    enum Failure: Error {
        case absolute, climbs, name

        var text: String {
            switch self {
            case .absolute: "is an absolute name"
            case .climbs: "has '..' in its name"
            case .name: "has a name that is empty or longer than 255 bytes"
            }
        }
    }

    init(names: [EntryName]) { self.names = names }

    /// Repeated slashes and `.` say nothing and are left out, as the kernel would; `..` is refused wherever it leads.
    init(_ bytes: [UInt8]) throws(Failure) {
        guard let first = bytes.first else { throw .name }
        if first == 0x2F { throw .absolute }
        var names: [EntryName] = []
        for part in bytes.split(separator: 0x2F) where !part.elementsEqual([0x2E]) {
            if part.elementsEqual([0x2E, 0x2E]) { throw .climbs }
            let name = EntryName(bytes: Array(part))
            if !name.isSafe { throw .name }
            names.append(name)
        }
        self.names = names
    }

    var bytes: [UInt8] { Array(names.map(\.bytes).joined(separator: [0x2F])) }

    var parent: ArchivePath { ArchivePath(names: Array(names.dropLast())) }
}
