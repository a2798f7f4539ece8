internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage

/// What init and launcher tell each other over the socket pair of a run.
///
/// init: ready → launcher: go → init: ended. `failed` may come from either process at any step.
enum RunNews: Equatable {
    case ready
    case failed(SandboxStep, errno: Int32)
    case exited(code: Int32)
    case signalled(Int32)

    /// One byte of kind, one of step, four of a number.
    static let size = 6

    var encoded: [UInt8] {
        switch self {
        case .ready: Self.pack(1, 0, 0)
        case .failed(let step, let errno): Self.pack(2, step.rawValue, errno)
        case .exited(let code): Self.pack(3, 0, code)
        case .signalled(let signal): Self.pack(4, 0, signal)
        }
    }

    init?(decoding bytes: [UInt8]) {
        if bytes.count != Self.size { return nil }
        let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 2, as: Int32.self) }
        switch bytes[0] {
        case 1: self = .ready
        case 2:
            guard let step = SandboxStep(rawValue: bytes[1]) else { return nil }
            self = .failed(step, errno: number)
        case 3: self = .exited(code: number)
        case 4: self = .signalled(number)
        default: return nil
        }
    }

    private static func pack(_ kind: UInt8, _ step: UInt8, _ number: Int32) -> [UInt8] {
        [kind, step] + withUnsafeBytes(of: number) { Array($0) }
    }

    /// Sends it from inside a sandbox. If the launcher is gone there is nobody to tell.
    func send(on channel: Int32) {
        let bytes = encoded
        _ = linux_send_message(channel, bytes, bytes.count, nil, 0)
    }
}

/// What the launcher tells init: one byte each.
enum RunOrder: UInt8 {
    case mapped = 0x6D, go = 0x67, terminate = 0x74

    func send(on channel: Int32) throws(Errno) {
        var byte = rawValue
        _ = try retrying { linux_send_message(channel, &byte, 1, nil, 0) }
    }

    /// Waits for the next one, inside a sandbox. Nil at the end: the launcher is gone.
    static func receive(on channel: Int32) -> RunOrder? {
        var byte: UInt8 = 0
        while true {
            let length = recv(channel, &byte, 1, 0)
            if length == 1 { return RunOrder(rawValue: byte) }
            if length < 0, errno == EINTR { continue }
            return nil
        }
    }
}
