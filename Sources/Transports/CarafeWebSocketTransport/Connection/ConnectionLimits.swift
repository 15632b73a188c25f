import CarafeWebSocketCodec
import NIOCore

/// Limits of a WebSocket in memory and time; each bounds the cost of one peer.
public struct ConnectionLimits: Sendable {
    /// Bytes in a message: 1 MiB. A longer one is refused from its frame header, or while it is decompressed, with
    /// 1009.
    public var messageLimit = 1 << 20

    /// Frames in a message: 131,072. More are refused with 1008.
    public var fragmentLimit = 131_072

    /// The time that a message may take from its first byte to its last: 60 seconds. A slower one is refused with 1008.
    public var messageTimeout = Duration.seconds(60)

    /// Bytes of received messages that wait for `receive`: 256 KiB. Past it the socket is not read.
    public var inboundLimit = 256 << 10

    /// Received messages that wait for `receive`: 1,024. Past it the socket is not read.
    public var inboundMessageLimit = 1024

    /// Bytes that the socket has not taken, past which `send` waits: 64 KiB.
    public var sendLimit = 64 << 10

    /// Bytes that rooms may leave waiting for a peer that does not read: 4 MiB, a few of the longest messages. Past it
    /// the peer is closed with 1013.
    public var outboundLimit = 4 << 20

    /// Pings that the peer may send in a second: 10. More are answered by a close with 1008.
    public var pingLimit = 10

    /// The time from one ping of the peer to the next: 20 seconds.
    public var pingInterval = Duration.seconds(20)

    /// After so many intervals without a byte the peer counts as gone: 2.
    public var silentIntervalLimit = 2

    /// The time that the peer may take to answer a close: 5 seconds.
    public var closeTimeout = Duration.seconds(5)

    /// Creates the default limits.
    public init() {}

    /// The limit of what the channel takes; nil for SwiftNIO's own default of 64 KiB.
    var waterMark: ChannelOptions.Types.WriteBufferWaterMark? {
        guard sendLimit != 64 << 10 else { return nil }
        let high = max(sendLimit, 1)
        return ChannelOptions.Types.WriteBufferWaterMark(low: max(high / 2, 1), high: high)
    }

    var codecLimits: MessageLimits { MessageLimits(messageLimit: messageLimit, fragmentLimit: fragmentLimit) }
}
