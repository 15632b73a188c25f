import CarafeRedisCodec
import NIOCore
import Testing

@testable import CarafeRoomsRedis

@Suite("Messages", .timeLimit(.minutes(10)))
struct RedisMessageTests {
    private static func bulk(_ text: String) -> RedisReply { .bulk(ByteBuffer(string: text)) }

    @Test("a published message has a channel and bytes")
    func message() {
        let reply = RedisReply.array([Self.bulk("message"), Self.bulk("rooms"), Self.bulk("data")])
        #expect(RedisMessage(reply) == RedisMessage(channel: "rooms", payload: ByteBuffer(string: "data")))
    }

    @Test(
        "a reply to a command is no message",
        arguments: [
            .simple("PONG"), .null, .array([]), .array([bulk("pong"), bulk("")]),
            .array([bulk("subscribe"), bulk("rooms"), .integer(1)]),
            .array([bulk("message"), bulk("rooms"), .integer(1)]),
        ] as [RedisReply])
    func reply(reply: RedisReply) {
        #expect(RedisMessage(reply) == nil)
    }
}
