import CarafeRedisCodec
import NIOCore
import Testing

@Suite("Replies of Redis", .timeLimit(.minutes(10)))
struct RedisReplyTests {
    @Test(
        "a reply has a text, a number or elements where it can",
        arguments: [
            (RedisReply.simple("OK"), "OK", nil), (.bulk(ByteBuffer(string: "12")), "12", 12), (.integer(3), nil, 3),
            (.null, nil, nil), (.array([]), nil, nil), (.error(RedisError(line: "ERR 1")), nil, nil),
        ] as [(RedisReply, String?, Int?)])
    func values(reply: RedisReply, text: String?, number: Int?) {
        #expect(reply.text == text)
        #expect(reply.number == number)
        #expect((reply.elements != nil) == (reply == .array([])))
    }

    @Test("the kind of a reply does not show its content")
    func kind() {
        #expect(RedisReply.bulk(ByteBuffer(string: "secret")).kind == "6 bytes")
        #expect(RedisReply.array([.null]).kind == "an array of 1")
    }
}
