internal import Linux
internal import SandboxProtocol
internal import Trees

/// The bytes are read as a request, a reply, a plan, and the report of a tree. Each of them has one encoding and no other: what two
/// readers could understand in two ways is not understood at all.
struct LauncherFuzzing: FuzzedReader {
    func read(_ bytes: [UInt8]) throws -> Bool {
        var isTaken = false
        if let (number, request) = try? Request.decode(bytes) {
            isTaken = true
            try hold(request.encoded(number: number) == bytes, "encoded again it differs: \(request)")
            try hold(Request.number(in: bytes) == number, "its number is not \(number): \(request)")
            try checkNames(in: request)
        } else {
            _ = Request.number(in: bytes)
        }
        if let (number, reply) = try? Reply.decode(bytes) {
            isTaken = true
            try hold(reply.encoded(number: number) == bytes, "encoded again it differs: \(reply)")
        }
        if let plan = try? SandboxPlan(decoding: bytes) {
            isTaken = true
            try hold(plan.encoded() == bytes, "encoded again it differs: \(plan)")
            try checkPlan(plan)
        }
        if let report = TreeReport(text: bytes) {
            isTaken = true
            try hold(Array(report.text.utf8) == bytes, "written again it differs: \(report)")
            try hold(report.entries >= 0 && report.bytes >= 0, "\(report)")
        }
        return isTaken
    }

    /// Every place and every name in a value, whatever request it is: one that is new is looked at, too.
    private func checkNames(in value: Any) throws {
        if let name = value as? EntryName { return try hold(isOneName(name), "\(name) is no name") }
        if let place = value as? Place { try hold(place.names.count <= Place.deepest, "\(place) is too deep") }
        for child in Mirror(reflecting: value).children { try checkNames(in: child.value) }
    }

    private func checkPlan(_ plan: SandboxPlan) throws {
        try checkNames(in: plan.place)
        try checkNames(in: plan.workspace)
        try checkNames(in: plan.packages as Any)
        try hold(plan.packages == nil || plan.workspace != .building, "\(plan)")
        if case .path(let candidates) = plan.program {
            try hold(!candidates.isEmpty && candidates.allSatisfy { $0.first == 0x2F }, "\(plan)")
        }
        try hold(!plan.arguments.isEmpty, "\(plan)")
        try hold((plan.arguments + plan.environment).allSatisfy { !$0.contains(0) }, "\(plan)")
    }

    /// By other means than the reader's own.
    private func isOneName(_ name: EntryName) -> Bool {
        let bytes = name.bytes
        return (1...255).contains(bytes.count) && bytes != [0x2E] && bytes != [0x2E, 0x2E]
            && !bytes.contains(0) && !bytes.contains(0x2F)
    }
}
