import CarafeRedisCodec
import NIOCore
import Testing

@testable import CarafeRoomsRedis

@Suite("Handshake with Redis", .timeLimit(.minutes(10)))
struct RedisHandshakeTests {
    private static let information = RedisReply.bulk(
        ByteBuffer(string: "redis_version:7.0.15\r\nrun_id:abc\r\nrole:master\r\nmaster_replid:def\r\n"))
    private static let replica = RedisReply.bulk(
        ByteBuffer(string: "redis_version:7.0.15\r\nrun_id:abc\r\nrole:slave\r\nmaster_replid:def\r\n"))
    private static let server = RedisServer(term: "abcdef", version: "7.0.15")
    private static let pong = RedisReply.simple("PONG")
    private static let ok = RedisReply.simple("OK")

    @Test(
        "the commands follow from the address",
        arguments: [
            ("redis://h", ["CLIENT SETNAME n", "INFO", "PING"]),
            ("redis://:p@h", ["AUTH p", "CLIENT SETNAME n", "INFO", "PING"]),
            ("redis://u:p@h/2", ["AUTH u p", "CLIENT SETNAME n", "SELECT 2", "INFO", "PING"]),
        ])
    func commands(address: String, commands: [String]) throws {
        let handshake = RedisHandshake(try RedisAddress(address), name: "n")
        let found = handshake.commands.map { command in
            command.arguments.map { argument in
                switch argument {
                case .text(let text): text
                case .integer(let number): "\(number)"
                case .bytes(let bytes): String(buffer: bytes)
                }
            }.joined(separator: " ")
        }
        #expect(found == commands)
    }

    @Test(
        "the replies decide",
        arguments: [
            ("redis://h", [ok, information, pong], .ready(server)),
            ("redis://:p@h/1", [ok, ok, ok, information, pong], .ready(server)),
            ("redis://h", [ok, information], .wait),
            (
                "redis://h", [.error(RedisError(line: "NOAUTH a"))],
                .fail(.refused(command: "CLIENT SETNAME", RedisError(line: "NOAUTH a")))
            ),
            (
                "redis://:p@h", [.error(RedisError(line: "WRONGPASS a")), ok, information, pong],
                .fail(.refused(command: "AUTH", RedisError(line: "WRONGPASS a")))
            ),
            (
                "redis://h/99", [ok, .error(RedisError(line: "ERR DB index is out of range"))],
                .fail(.refused(command: "SELECT 99", RedisError(line: "ERR DB index is out of range")))
            ),
            (
                "redis://h", [ok, information, .error(RedisError(line: "LOADING a"))],
                .fail(.refused(command: "PING", RedisError(line: "LOADING a")))
            ),
            (
                "redis://h", [ok, .bulk(ByteBuffer(string: "x"))],
                .fail(.unexpected(command: "INFO", found: "1 bytes"))
            ),
            (
                "redis://h",
                [ok, .bulk(ByteBuffer(string: "redis_version:6.0.16\r\nrun_id:abc\r\nmaster_replid:def\r\n"))],
                .fail(.tooOld(found: "6.0.16"))
            ),
            ("redis://h", [ok, replica, pong], .fail(.replica)),
            ("redis://h", [.integer(1)], .fail(.unexpected(command: "CLIENT SETNAME", found: "an integer"))),
        ] as [(String, [RedisReply], RedisHandshake.Action)])
    func replies(address: String, replies: [RedisReply], action: RedisHandshake.Action) throws {
        var handshake = RedisHandshake(try RedisAddress(address), name: "n")
        var actions: [RedisHandshake.Action] = []
        for reply in replies { actions.append(handshake.receive(reply)) }
        let decision = actions.first { $0 != .wait } ?? .wait
        #expect(decision == action)
        #expect(actions.filter { $0 != .wait }.count <= 1)
    }

    @Test(
        "an error has its remedy",
        arguments: [
            ("NOAUTH Authentication required.", "password in the address"),
            ("WRONGPASS invalid", "user and the password"),
            ("NOPERM no", "user who may do AUTH"), ("LOADING a", "has read its data"),
            ("ERR max clients", "max clients"),
        ])
    func remedies(line: String, part: String) {
        let error = RedisHandshakeError.refused(command: "AUTH", RedisError(line: line))
        #expect("\(error)".contains(part))
        #expect("\(error)".contains(line))
    }
}
