import NIOCore

/// The bytes that a socket still holds for its peer.
enum UnsentBytes {
    /// Whether the peer's system has not acknowledged all that was written and closed; false where nobody can tell.
    static func areThere(in channel: any Channel) -> EventLoopFuture<Bool> {
        #if os(Linux)
            if let provider = channel as? any SocketOptionProvider {
                // tcp(7), TCP_INFO; the words are those of `struct tcp_info` in `linux/tcp.h`, which only grows at its
                // end.
                let info: EventLoopFuture<InlineArray<37, UInt32>> = provider.unsafeGetSocketOption(
                    level: .tcp, name: .tcp_info)
                let (unacknowledged, notSent) = (6, 36)
                return info.map { $0[unacknowledged] > 0 || $0[notSent] > 0 }
            }
        #endif
        return channel.eventLoop.makeSucceededFuture(false)
    }
}
