import NIOCore
import Testing

@testable import CarafeServer

@Suite("ServerConfiguration", .timeLimit(.minutes(10)))
struct ServerConfigurationTests {
    @Test("the defaults are those that the documentation names")
    func defaults() {
        let configuration = ServerConfiguration()
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 9988)
        #expect(configuration.threads == nil)
        #expect(configuration.accessLog)
        #expect(configuration.limits.requestLineBytes == 8192)
        #expect(configuration.limits.headerBytes == 16384)
        #expect(configuration.limits.headerFields == 100)
        #expect(configuration.limits.connections == 100_000)
        #expect(configuration.limits.connectionsPerAddress == .max)
        #expect(configuration.timeouts.linger == .seconds(5))
        #expect(configuration.timeouts.head == .seconds(10))
        #expect(configuration.timeouts.body == .seconds(10))
        #expect(configuration.timeouts.bodyRate == 1024)
        #expect(configuration.timeouts.idle == .seconds(60))
        #expect(configuration.timeouts.write == .seconds(30))
        #expect(configuration.timeouts.shutdown == .seconds(10))
    }
}
