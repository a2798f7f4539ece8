internal import CLinux
internal import Glibc
public import SystemPackage

/// One message of a `MessageSocket`.
public struct Message: Sendable {
    public let bytes: [UInt8]
    public let descriptors: [SharedDescriptor]
    /// Whether descriptors came with it for which this process had no room (EMFILE): then none of them is there.
    public let hasLostDescriptors: Bool
}

/// One end of a connected pair of `SOCK_SEQPACKET` sockets: whole messages, with descriptors beside them.
public final class MessageSocket: Sendable {
    /// Bytes of one message at most; far below the default send buffer.
    public static let longestMessage = 64 << 10
    /// Descriptors beside one message at most.
    public static let mostDescriptors = 8

    private let descriptor: OwnedDescriptor

    public init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    public var rawValue: Int32 { descriptor.rawValue }

    /// The corresponding C function is `socketpair`.
    public static func pair() throws(Errno) -> (MessageSocket, MessageSocket) {
        var ends: [Int32] = [-1, -1]
        try check(linux_socketpair_seqpacket(&ends))
        return (MessageSocket(OwnedDescriptor(taking: ends[0])), MessageSocket(OwnedDescriptor(taking: ends[1])))
    }

    /// Sends one message, waiting until there is room. EPIPE if the other end is gone. The corresponding C function is `sendmsg`.
    public func send(_ bytes: [UInt8], descriptors: [Int32] = []) throws(Errno) {
        if bytes.count > Self.longestMessage { throw Errno.messageTooLong }
        _ = try retrying {
            linux_send_message(rawValue, bytes, bytes.count, descriptors, Int32(descriptors.count))
        }
    }

    /// Receives one message into `buffer`'s room; nil at the end. EMSGSIZE if a message was too large; it is gone then, and its
    /// descriptors are closed. EAGAIN if there is none and `wait` is false. The corresponding C function is `recvmsg`.
    public func receive(wait: Bool = true) throws(Errno) -> Message? {
        var bytes: [UInt8] = []
        var raw = [Int32](repeating: -1, count: Self.mostDescriptors)
        var count = Int32(raw.count)
        var failure: Errno?
        bytes = [UInt8](unsafeUninitializedCapacity: Self.longestMessage) { buffer, filled in
            while true {
                count = Int32(raw.count)
                let length = linux_receive_message(
                    rawValue, buffer.baseAddress, buffer.count, &raw, &count, wait ? 0 : 1)
                if length >= 0 {
                    filled = length
                    return
                }
                let error = errno
                if error != EINTR {
                    failure = Errno(rawValue: error)
                    return
                }
            }
        }
        if let failure { throw failure }
        let descriptors = raw[..<max(0, Int(count))].map { SharedDescriptor(OwnedDescriptor(taking: $0)) }
        // A message of no bytes is never sent: this is the end.
        if bytes.isEmpty { return nil }
        return Message(bytes: bytes, descriptors: descriptors, hasLostDescriptors: count < 0)
    }
}
