import Testing

@testable import CarafeRoomsRedis

@Suite("Address of a Redis", .timeLimit(.minutes(10)))
struct RedisAddressTests {
    struct Parts: Equatable, Sendable {
        var host = "localhost"
        var port = 6379
        var isSecure = false
        var database = 0
        var user: String?
        var password: String?
    }

    @Test(
        "an address is parsed",
        arguments: [
            ("redis://localhost", Parts()),
            ("REDIS://localhost/", Parts()),
            ("redis://10.0.0.1:7000/3", Parts(host: "10.0.0.1", port: 7000, database: 3)),
            ("rediss://redis.example", Parts(host: "redis.example", isSecure: true)),
            ("redis://[::1]:6380", Parts(host: "::1", port: 6380)),
            ("redis://:secret@localhost", Parts(password: "secret")),
            ("redis://anna:p%40ss%2Fw%23%25@localhost/1", Parts(database: 1, user: "anna", password: "p@ss/w#%")),
            ("redis://an%20na@localhost", Parts(user: "an na", password: "")),
        ])
    func parsing(text: String, parts: Parts) throws {
        let address = try RedisAddress(text)
        #expect(
            Parts(
                host: address.host, port: address.port, isSecure: address.isSecure, database: address.database,
                user: address.credentials?.user, password: address.credentials?.password) == parts)
    }

    @Test(
        "a wrong address is an error that names the problem, and no secret",
        arguments: [
            ("", "URL"), ("localhost:6379", "scheme"), ("http://localhost", "http"), ("redis://", "host"),
            ("redis://:secret@", "host"), ("redis://localhost:0", "port"), ("redis://localhost:65536", "port"),
            ("redis://localhost/x", "/x"), ("redis://localhost/1/2", "/1/2"), ("redis://localhost/-1", "/-1"),
            ("redis://localhost/99999999999999999999", "database"), ("redis://localhost?db=1", "database"),
            ("redis://:secret#1@localhost", "#"), ("redis://a b:secret@localhost", "percent-encoded"),
        ])
    func problems(text: String, part: String) {
        let error = #expect(throws: RedisAddressError.self) { try RedisAddress(text) }
        #expect(error?.problem.contains(part) == true, "\(String(describing: error))")
        #expect("\(String(describing: error))".contains("secret") == false)
    }

    @Test("no description of an address has its user or password")
    func secrecy() throws {
        let address = try RedisAddress("rediss://anna:secret@[::1]/2")
        #expect("\(address)" == "rediss://[::1]:6379/2")
        var dumped = ""
        dump(address, to: &dumped)
        for text in [dumped, String(reflecting: address), "\([address])", "\(String(describing: address.credentials))"]
        {
            #expect(!text.contains("secret"))
            #expect(!text.contains("anna"))
        }
    }
}
