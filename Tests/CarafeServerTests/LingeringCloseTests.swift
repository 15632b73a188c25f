import CarafeHTTP
import NIOCore
import Testing

@Suite("LingeringClose", .timeLimit(.minutes(10)))
struct LingeringCloseTests {
    private func closing() async throws -> TestConnection {
        let connection = try await TestConnection { _ in Response(text: "bye") }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(try await connection.received(until: "bye").contains("connection: close"))
        await connection.run()
        #expect(!connection.isOpen && connection.isConnected)
        return connection
    }

    @Test("RFC 9112 §9.6: the sending side is closed first, and the rest when the client has closed its own")
    func clientCloses() async throws {
        let connection = try await closing()
        try await connection.finishSending()
        await connection.run()
        #expect(!connection.isConnected)
    }

    @Test("a client that sends nothing more is cut after 5 seconds")
    func silence() async throws {
        let connection = try await closing()
        await connection.advanceTime(by: .milliseconds(4999))
        #expect(connection.isConnected)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(!connection.isConnected)
    }

    @Test("a client that goes on sending is cut after 30 seconds")
    func sending() async throws {
        let connection = try await closing()
        for _ in 0..<7 {
            #expect(connection.isConnected)
            await connection.advanceTime(by: .seconds(4))
            try await connection.send("more")
        }
        await connection.advanceTime(by: .seconds(2))
        #expect(!connection.isConnected)
    }
}
