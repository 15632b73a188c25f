import CarafeHTTP
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import CarafeServer

@Suite("ConnectionGate", .timeLimit(.minutes(10)))
struct ConnectionGateTests {
    private func connect(from address: String = "192.0.2.1") async throws -> NIOAsyncTestingChannel {
        let channel = NIOAsyncTestingChannel()
        channel.remoteAddress = try SocketAddress(ipAddress: address, port: 4711)
        try await channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).get()
        return channel
    }

    private func gate(_ log: CountedLines, _ limit: Int, perAddress: Int = .max) -> ConnectionGate {
        var configuration = ServerConfiguration(logger: log.logger)
        configuration.limits.connections = limit
        configuration.limits.connectionsPerAddress = perAddress
        return ConnectionGate(configuration)
    }

    @Test("past the limit a hundred are told at a time and the others dropped; the log says it once")
    func limit() async throws {
        let log = CountedLines()
        let gate = gate(log, 2)
        var channels: [NIOAsyncTestingChannel] = []
        for number in 1...110 {
            let channel = try await connect()
            channels.append(channel)
            #expect(gate.admit(channel) == (number <= 2 ? .served : number <= 102 ? .refused : .dropped))
        }
        #expect(log.texts == ["connections are refused: 2 may be open"])
        try await channels[0].close().get()
        #expect(gate.admit(try await connect()) == .served)
        try await channels[2].close().get()
        #expect(gate.admit(try await connect()) == .refused)
    }

    @Test("an address has a limit of its own")
    func perAddress() async throws {
        let gate = gate(CountedLines(), 100, perAddress: 1)
        let first = try await connect()
        #expect(gate.admit(first) == .served)
        #expect(gate.admit(try await connect()) == .refused)
        #expect(gate.admit(try await connect(from: "192.0.2.2")) == .served)
        try await first.close().get()
        #expect(gate.admit(try await connect()) == .served)
    }

    @Test("RFC 9110 §15.6.4: a client past the limit gets 503 and is closed, and is served when another has left")
    func port() async throws {
        let server = try await RunningServer.start {
            $0.limits.connections = 1
        } handler: { _ in
            Response(text: "served")
        }
        let first = try await SocketClient.connect(port: server.port)
        let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        try await first.send(get)
        #expect(await first.receiveResponse().body == "served")
        for method in ["GET", "HEAD", "POST"] {
            let second = try await SocketClient.connect(port: server.port)
            try await second.send("\(method) / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            let answer = await second.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(answer.contains("\r\nconnection: close\r\n"))
            #expect(answer.contains("\r\nRetry-After: 5\r\n"))
            #expect(answer.hasSuffix("open.") == (method != "HEAD"))
            try await second.close()
        }
        try await first.close()
        // Until the server has noticed.
        while true {
            let next = try await SocketClient.connect(port: server.port)
            try await next.send(get)
            let body = await next.receiveResponse().body
            try await next.close()
            if body == "served" { break }
        }
        try await server.stop()
    }
}
