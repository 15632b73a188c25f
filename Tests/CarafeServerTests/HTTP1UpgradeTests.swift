import CarafeHTTP
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("HTTP1Upgrade", .timeLimit(.minutes(10)))
struct HTTP1UpgradeTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("RFC 9110 §7.8: an upgrade is answered 101, and the bytes after it are the new protocol's")
    func upgrade() async throws {
        let taker = UpgradeTaker()
        let connection = try await TestConnection { _ in taker.response }
        let answer = try await connection.answer(
            to: "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\nearly")
        #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(answer.contains("\r\nconnection: upgrade\r\nupgrade: other\r\n"))
        #expect(!answer.contains("content-length"))
        try await connection.send(" late")
        #expect(taker.text == "early late")
        #expect(connection.isOpen)
        await connection.advanceTime(by: .hours(1))
        #expect(connection.isOpen)
    }

    @Test("a refused upgrade is an ordinary answer, and the connection goes on")
    func refusedUpgrade() async throws {
        let connection = try await TestConnection { request in
            request.path == "/refuse" ? Response(.forbidden, text: "no") : Response(text: "next")
        }
        let request = "GET /refuse HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
        #expect(try await connection.answer(to: request).hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(connection.isOpen)
        #expect(try await connection.answer(to: "GET /next HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("next"))
    }

    @Test("an upgrade that was not asked for is the handler's fault: 500")
    func upgradeNotAskedFor() async throws {
        let taker = UpgradeTaker()
        let connection = try await TestConnection { _ in taker.response }
        #expect(try await connection.answer(to: get).hasPrefix("HTTP/1.1 500 "))
        #expect(taker.text.isEmpty)
    }

    @Test("RFC 9110 §7.8: an upgrade to a protocol that the client did not name is the handler's fault: 500")
    func upgradeToAnother() async throws {
        let taker = UpgradeTaker()
        let connection = try await TestConnection { _ in taker.response }
        let request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: "
        #expect(try await connection.answer(to: request + "h2c, others\r\n\r\n").hasPrefix("HTTP/1.1 500 "))
        #expect(taker.text.isEmpty)
        let listing = try await TestConnection { _ in taker.response }
        #expect(try await listing.answer(to: request + "h2c,Other\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
    }

    @Test("an upgrade of a request that was refused meanwhile writes nothing")
    func upgradeAfterRefusal() async throws {
        let gate = Gate()
        let taker = UpgradeTaker()
        let connection = try await TestConnection { _ in
            await gate.wait()
            return taker.response
        }
        try await connection.setHolding(true)
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try await connection.send("no number\r\n")
        gate.open()
        await connection.run()
        try await connection.send("more")
        try await connection.setHolding(false)
        let answer = try await connection.received()
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(!answer.dropFirst().contains("HTTP/1.1 "))
    }

    @Test("a protocol that takes over hears that the client sends no more")
    func upgradeAfterHalfClose() async throws {
        let gate = Gate()
        let taker = UpgradeTaker()
        let connection = try await TestConnection { _ in
            await gate.wait()
            return taker.response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n")
        try await connection.finishSending()
        gate.open()
        #expect(try await connection.received(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        await connection.run()
        #expect(taker.hasHeardOfEnd)
    }

    @Test("a connection that upgrades while the server stops hears of the stop")
    func upgradeWhileStopping() async throws {
        let gate = Gate()
        let taker = UpgradeTaker()
        let connection = try await TestConnection { _ in
            await gate.wait()
            return taker.response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n")
        try await connection.stop()
        gate.open()
        #expect(try await connection.received(until: "\r\n\r\n").hasPrefix("HTTP/1.1 "))
        await connection.run()
        #expect(taker.hasHeardOfStop || !connection.isOpen)
    }
}

/// Takes a connection over and notes what it hears.
private final class UpgradeTaker: Sendable {
    private let bytes = Mutex(ByteBuffer())
    private let stopped = Mutex(false)
    private let ended = Mutex(false)

    var text: String { String(buffer: bytes.withLock { $0 }) }
    var hasHeardOfStop: Bool { stopped.withLock { $0 } }
    var hasHeardOfEnd: Bool { ended.withLock { $0 } }

    var response: Response {
        var response = Response(.switchingProtocols)
        response.upgrade = Upgrade(protocolName: "other") { channel in
            try channel.pipeline.syncOperations.addHandler(Listener(taker: self))
        }
        return response
    }

    private final class Listener: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let taker: UpgradeTaker

        init(taker: UpgradeTaker) {
            self.taker = taker
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let piece = unwrapInboundIn(data)
            taker.bytes.withLock { _ = $0.writeImmutableBuffer(piece) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is ChannelShouldQuiesceEvent { taker.stopped.withLock { $0 = true } }
            if case ChannelEvent.inputClosed = event { taker.ended.withLock { $0 = true } }
        }
    }
}
