internal import Harnesses
internal import Linux

/// The harnesses and the helper modules, as files of every sandbox's root.
enum RootHarnesses {
    static func write() throws(SetUpError) {
        var number = 0
        while let file = harness_file_at(number)?.pointee {
            let path = "/base\(String(cString: file.path))"
            try PrivateRoot.makeParents(of: path)
            try PrivateRoot.makeFile(path, Array(UnsafeBufferPointer(start: file.bytes, count: file.length)))
            number += 1
        }
    }
}
