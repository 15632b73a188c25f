import Testing

@testable import CarafeRoomsRedis

@Suite("The server's information", .timeLimit(.minutes(10)))
struct RedisServerTests {
    @Test(
        "the term and the version are read from INFO",
        arguments: [
            (
                "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:abc\r\nmaster_replid:def\r\n",
                "7.0.15"
            ),
            (
                "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nrun_id:abc\r\nrole:master\r\n"
                    + "master_replid:def\r\n",
                "7.2.4"
            ),
        ])
    func fields(text: String, version: String) {
        #expect(RedisServer(information: text) == RedisServer(term: "abcdef", version: version))
    }

    @Test(
        "without one of them there is no server",
        arguments: [
            "", "run_id:abc\r\n", "run_id:\r\nredis_version:7\r\nmaster_replid:a\r\n",
            "run_id:a\r\nredis_version:7\r\n",
        ])
    func missing(text: String) {
        #expect(RedisServer(information: text) == nil)
    }

    @Test(
        "another run of the process, and another name of its replication, are another term",
        arguments: [("a", "b", true), ("a", "c", false), ("c", "b", false)])
    func terms(run: String, replication: String, isSame: Bool) throws {
        func term(_ run: String, _ replication: String) throws -> String {
            let text = "redis_version:7.0.15\r\nrun_id:\(run)\r\nmaster_replid:\(replication)\r\n"
            return try #require(RedisServer(information: text)).term
        }
        #expect(try (term(run, replication) == term("a", "b")) == isSame)
    }

    @Test(
        "6.2 is the oldest version",
        arguments: [
            ("6.2.0", true), ("7.0.15", true), ("8.0", true), ("10.1.1", true), ("6.1.9", false), ("5.0.14", false),
            ("", false), ("7", false), ("a.b", false),
        ])
    func versions(version: String, isSupported: Bool) {
        #expect(RedisServer(term: "a", version: version).isSupported == isSupported)
    }
}
