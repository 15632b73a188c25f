import Testing

@testable import CarafeRoomsRedis

@Suite("Keys in Redis", .timeLimit(.minutes(10)))
struct RedisKeysTests {
    @Test(
        "the name of a room is one hash tag",
        arguments: [
            ("tea", "p:{tea}"), ("a b", "p:{a b}"), ("a}b", "p:{a%7Db}"), ("{a}", "p:{%7Ba%7D}"),
            ("%7Da", "p:{%257Da}"), ("茶", "p:{茶}"), ("*", "p:{*}"),
        ])
    func rooms(name: String, key: String) throws {
        #expect(try RedisKeys(prefix: "p").room(name) == key)
    }

    @Test("a client's name is not in the key of its limit, and each limit and client has its own")
    func rates() throws {
        let keys = try RedisKeys(prefix: "p")
        let names = [("a", "1.2.3.4"), ("a", "1.2.3.5"), ("b", "1.2.3.4")].map { keys.rate($0.0, client: $0.1) }
        #expect(Set(names).count == 3)
        #expect(names.allSatisfy { $0.hasPrefix("p:rate:") && $0.utf8.count == 47 && !$0.contains("1.2.3") })
    }

    @Test("a prefix is short, visible and has no braces", arguments: ["", "a{", "}", "a b", "é", "a\n"])
    func prefixes(prefix: String) {
        #expect(throws: RedisPrefixError(prefix: prefix)) { try RedisKeys(prefix: prefix) }
        #expect(throws: RedisPrefixError.self) { try RedisKeys(prefix: String(repeating: "a", count: 65)) }
        #expect(throws: Never.self) { try RedisKeys(prefix: String(repeating: "a", count: 64)) }
    }
}
