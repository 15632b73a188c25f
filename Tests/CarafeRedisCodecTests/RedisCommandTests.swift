import CarafeRedisCodec
import NIOCore
import Testing

@Suite("Commands of Redis", .timeLimit(.minutes(10)))
struct RedisCommandTests {
    @Test(
        "a command is an array of bulk strings",
        arguments: [
            (RedisCommand("PING"), "*1\r\n$4\r\nPING\r\n"),
            (RedisCommand("SELECT", .integer(-12)), "*2\r\n$6\r\nSELECT\r\n$3\r\n-12\r\n"),
            (RedisCommand("ECHO", .text("é")), "*2\r\n$4\r\nECHO\r\n$2\r\né\r\n"),
            (RedisCommand("ECHO", .text("")), "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n"),
            (
                RedisCommand("SET", "k", .bytes(ByteBuffer(string: "a\r\nb"))),
                "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n"
            ),
        ])
    func encoding(command: RedisCommand, text: String) {
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        #expect(String(buffer: buffer) == text)
        #expect(command.size >= text.utf8.count - 16)
    }
}
