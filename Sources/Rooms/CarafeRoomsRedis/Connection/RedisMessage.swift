import CarafeRedisCodec
package import NIOCore

/// A message that a client published on a channel of Redis.
package struct RedisMessage: Sendable, Equatable {
    package let channel: String
    package let payload: ByteBuffer

    package init(channel: String, payload: ByteBuffer) {
        self.channel = channel
        self.payload = payload
    }

    /// - Returns: Nil for a reply to a command.
    init?(_ reply: RedisReply) {
        guard case .array(let parts) = reply, parts.count == 3, case .bulk(let payload) = parts[2],
            parts[0].text == "message", let channel = parts[1].text
        else { return nil }
        self.init(channel: channel, payload: payload)
    }
}
