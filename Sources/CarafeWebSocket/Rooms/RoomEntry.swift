import CarafeWebSocketCodec
import NIOCore

/// One message in a room's log.
final class RoomEntry: Sendable {
    /// Its place in the log, from 1.
    let offset: UInt64
    let message: Message
    /// The message as a WebSocket frame, encoded once for all.
    let frame: ByteBuffer
    /// Who alone gets it, by the bytes of the name; nil for everybody.
    let audience: [UInt8]?
    /// When it was published.
    let time: NIODeadline
    /// What all entries before this one cost, in bytes.
    let start: UInt64

    init(offset: UInt64, message: Message, audience: [UInt8]?, time: NIODeadline, after start: UInt64) {
        self.offset = offset
        self.message = message
        self.audience = audience
        self.time = time
        frame = FrameEncoder.encode(.message(message))
        self.start = start
    }

    /// What all entries up to and with this one cost: each a fixed part too, so that a flood of empty messages is bounded
    /// as well.
    var end: UInt64 { start + UInt64(message.bytes.readableBytes) + 64 }

    func isFor(_ name: [UInt8]?) -> Bool { audience == nil || audience == name }
}
