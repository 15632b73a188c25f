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
}
