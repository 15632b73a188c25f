import Testing

@testable import CarafeRoomsRedis

@Suite("The server's information", .timeLimit(.minutes(10)))
struct RedisServerTests {
    @Test(
        "the run and the version are read from INFO",
        arguments: [
            ("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:abc\r\n", "7.0.15"),
            (
                "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nrun_id:abc\r\n",
                "7.2.4"
            ),
        ])
    func fields(text: String, version: String) {
        #expect(RedisServer(information: text) == RedisServer(runID: "abc", version: version))
    }

    @Test(
        "without one of them there is no server", arguments: ["", "run_id:abc\r\n", "run_id:\r\nredis_version:7\r\n"])
    func missing(text: String) {
        #expect(RedisServer(information: text) == nil)
    }

    @Test(
        "6.2 is the oldest version",
        arguments: [
            ("6.2.0", true), ("7.0.15", true), ("8.0", true), ("10.1.1", true), ("6.1.9", false), ("5.0.14", false),
            ("", false), ("7", false), ("a.b", false),
        ])
    func versions(version: String, isSupported: Bool) {
        #expect(RedisServer(runID: "a", version: version).isSupported == isSupported)
    }
}
