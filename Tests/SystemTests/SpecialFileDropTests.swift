import Testing

/// THREATS 5: FIFO, device, socket, directory as bundle, manifest, entry or input; opening one must not block.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings), .needsRoot, .needs("python3"))
struct SpecialFileDropTests {
    enum Kind: String, CaseIterable {
        case fifo, device, socket, directory

        /// A shell command that makes one at `$1`.
        var making: String {
            switch self {
            case .fifo: "mkfifo \"$1\""
            case .device: "mknod \"$1\" c 1 5"
            case .socket: "python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \"$1\""
            case .directory: "mkdir \"$1\""
            }
        }
    }

    enum Part: String, CaseIterable {
        case bundle, manifest, entry, input

        /// Where it is, in a directory that is a good bundle but for this.
        var path: String {
            switch self {
            case .bundle: ""
            case .manifest: "manifest.yaml"
            case .entry: "main.sh"
            case .input: "data"
            }
        }
    }

    @Test(arguments: Kind.allCases, Part.allCases)
    func isRejectedAndBlocksNobody(_ kind: Kind, _ part: Part) async throws {
        let spool = try Daemon.shared.spool
        let name = "\(kind.rawValue)-as-\(part.rawValue)"
        if part == .bundle {
            try await spool.shell(
                """
                make() { \(kind.making); }
                make \(name) && chown -h \(spool.dropper):\(spool.dropper) \(name) && mv \(name) "$INBOX/\(name).sh"
                """, as: 0)
        } else {
            let other = part == .manifest ? "" : "echo 'input: {file: data}' >\(name)/manifest.yaml"
            try await spool.shell(
                """
                make() { \(kind.making); }
                mkdir \(name) && \(other.isEmpty ? ":" : other) && echo 'echo ran' >\(name)/main.sh && echo 1 >\(name)/data
                rm -f \(name)/\(part.path) && cd \(name) && make \(part.path) && cd ..
                chown -hR \(spool.dropper):\(spool.dropper) \(name) && mv \(name) "$INBOX/\(name).sh"
                """, as: 0)
        }
        // A directory keeps its dots.
        let isDirectory = kind == .directory || part != .bundle
        let result = try await spool.result(of: name + ".sh", name: isDirectory ? name + ".sh" : name)
        #expect(result.state == "rejected", "\(result)")
        #expect(!result.errors.isEmpty, "\(result)")
        // What blocks on one drop is deaf to the next.
        try spool.drop("after-\(name).sh", script: "echo next")
        let next = try await spool.result(of: "after-\(name).sh")
        #expect(next.stdout == "next\n", "\(next)")
    }
}
