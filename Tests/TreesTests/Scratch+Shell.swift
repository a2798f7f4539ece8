internal import Glibc
internal import Linux
internal import SystemPackage
internal import TestSupport
internal import Testing
internal import Trees

extension Scratch {
    /// Runs a shell script in it, with umask 022.
    func sh(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(run(script) == 0, "\(script)", sourceLocation: sourceLocation)
    }

    func makeDirectory(_ name: EntryName) throws -> Directory { try root.makeOrOpenDirectory(name) }

    func directory(_ name: EntryName) throws -> Directory { try root.directory(name) }

    /// What `find` says of a tree: kind, mode, owner and path of each entry, sorted.
    func listing(_ name: String) throws -> [String] {
        sh("find \(name) -mindepth 1 -printf '%y %m %U %P\\n' | LC_ALL=C sort > .listing")
        let bytes = try root.read(".listing", limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func content(_ path: String) throws -> String {
        sh("cat \(path) > .content")
        return String(decoding: try root.read(".content", limit: 1 << 20), as: UTF8.self)
    }
}

let isRoot = geteuid() == 0

/// Runs `body` on a thread of its own whose file accesses are those of another user, without that user's privileges over files:
/// `setfsuid(2)` holds for one thread and takes CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER from it.
func asOrdinaryUser(_ user: UInt32, _ body: @escaping () throws -> Void) throws {
    typealias SetUser = @convention(c) (UInt32) -> Int32
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setUser = unsafeBitCast(symbol, to: SetUser.self)
    final class Box {
        let setUser: SetUser
        let user: UInt32
        let body: () throws -> Void
        var outcome: Result<Void, any Error> = .success(())
        init(_ setUser: @escaping SetUser, _ user: UInt32, _ body: @escaping () throws -> Void) {
            (self.setUser, self.user, self.body) = (setUser, user, body)
        }
    }
    let box = Box(setUser, user, body)
    var thread = pthread_t()
    let started = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            let box = Unmanaged<Box>.fromOpaque(argument).takeUnretainedValue()
            _ = box.setUser(box.user)
            box.outcome = Result { try box.body() }
            return nil
        }, Unmanaged.passUnretained(box).toOpaque())
    try #require(started == 0)
    pthread_join(thread, nil)
    try withExtendedLifetime(box) { try box.outcome.get() }
}
