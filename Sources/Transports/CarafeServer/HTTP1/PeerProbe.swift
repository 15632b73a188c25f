#if os(Linux)
    import NIOCore

    extension Channel {
        /// Has the kernel ask a peer that sends no more, every 10 seconds, whether it still knows the connection
        /// (RFC 9293 §3.8.4).
        ///
        /// A peer that waits says yes. One that has closed its socket altogether forgets the connection after a while,
        /// on Linux after a minute, and then answers with a RST, which ends the channel.
        func probePeer() {
            // Of a channel that is closing already nothing is asked any more.
            _ = setOption(.socketOption(.so_keepalive), value: 1)
            _ = setOption(.tcpOption(.keepAliveIdleTime), value: 10)
            _ = setOption(.tcpOption(.keepAliveInterval), value: 10)
        }
    }

    extension NIOBSDSocket.Option {
        /// TCP_USER_TIMEOUT (RFC 5482), in milliseconds; `netinet/tcp.h` of Linux, as the others.
        static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
        /// TCP_KEEPIDLE, in seconds.
        static let keepAliveIdleTime = NIOBSDSocket.Option(rawValue: 4)
        /// TCP_KEEPINTVL, in seconds.
        static let keepAliveInterval = NIOBSDSocket.Option(rawValue: 5)
    }
#endif
