import Foundation
import FuzzTargets
import Linux
import TestSupport
import Testing

/// What `make fuzz` starts from and what it has found, read by the same functions: no file may break a promise again, and no
/// corpus may become useless because its target reads something else by now.
@Suite("Bytes that fuzzing found")
struct FuzzTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fuzz")

    private static func files(_ kind: String, _ target: FuzzTarget) throws -> [URL] {
        let directory = root.appending(path: kind).appending(path: target.rawValue)
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    @Test("Nothing that was found breaks a promise", arguments: FuzzTarget.allCases)
    func replay(_ target: FuzzTarget) throws {
        let scratch = try Scratch()
        let reader = try target.begin(in: scratch.root)
        let corpus = try Self.files("corpus", target)
        #expect((10...80).contains(corpus.count), "\(corpus.count) files")
        for file in corpus + (try Self.files("crashes", target)) {
            let bytes = [UInt8](try Data(contentsOf: file))
            #expect(bytes.count <= 16 << 10, "\(file.lastPathComponent) is no small file")
            do {
                let isTaken = try reader.read(bytes)
                // Else a target that takes nothing any more would break nothing either.
                if file.lastPathComponent.hasPrefix("good-") {
                    #expect(isTaken, "\(file.lastPathComponent) is refused")
                }
            } catch {
                Issue.record("\(file.lastPathComponent): \(error)")
            }
        }
        #expect(corpus.filter { $0.lastPathComponent.hasPrefix("good-") }.count >= 4)
    }

    @Test("Every directory of bytes is a target's")
    func directories() throws {
        let names = Set(FuzzTarget.allCases.map(\.rawValue))
        for kind in ["corpus", "crashes"] {
            let directory = Self.root.appending(path: kind).path
            let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            #expect(names.isSuperset(of: found), "\(kind): \(Set(found).subtracting(names))")
        }
    }
}
