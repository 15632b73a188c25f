package import CarafeWebSocketCodec
package import NIOCore

/// What a connection allows its peer, and how long it waits for it.
package struct WebSocketConnectionSettings: Sendable {
    /// What one message may cost.
    package var limits: Limits

    /// Bytes of received messages that wait for `receive`; past it the socket is not read.
    package var inboundLimit: Int

    /// Bytes that `enqueue` may leave waiting for a peer that does not read; past it the peer is closed with 1013.
    package var outboundLimit: Int

    /// Pings that the peer may send in a second; more are answered by a close with 1008.
    package var pingLimit: Int

    /// How often the peer is pinged.
    package var pingInterval: TimeAmount

    /// After so many intervals without a byte the peer counts as gone.
    package var silentIntervals: Int

    /// How long the peer may take to answer a close.
    package var closeTimeout: TimeAmount

    package init(
        limits: Limits,
        inboundLimit: Int,
        outboundLimit: Int,
        pingLimit: Int,
        pingInterval: TimeAmount,
        silentIntervals: Int,
        closeTimeout: TimeAmount
    ) {
        self.limits = limits
        self.inboundLimit = inboundLimit
        self.outboundLimit = outboundLimit
        self.pingLimit = pingLimit
        self.pingInterval = pingInterval
        self.silentIntervals = silentIntervals
        self.closeTimeout = closeTimeout
    }
}
