import CarafeRedisCodec
import CarafeRoomsRedis
import Testing

@Suite("Scripts", .timeLimit(.minutes(10)))
struct RedisScriptTests {
    @Test("a script's hash is the SHA-1 of its source")
    func hash() {
        let script = RedisScript("return 1")
        #expect(script.hash == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        #expect(
            script.runByHash(keys: ["k"], ["a", .integer(2)])
                == RedisCommand("EVALSHA", .text(script.hash), .integer(1), "k", "a", .integer(2)))
        #expect(script.runBySource(keys: []) == RedisCommand("EVAL", "return 1", .integer(0)))
    }
}
