import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct ClosePayloadTests {
    private func failure(_ bytes: [UInt8]) -> CloseCode? {
        do {
            _ = try ClosePayload(parsing: ByteBuffer(bytes: bytes))
            return nil
        } catch {
            return error.code
        }
    }

    @Test("RFC 6455 §5.5.1: a close frame has no body, or a code and perhaps a reason")
    func parsing() throws {
        let empty = try ClosePayload(parsing: ByteBuffer())
        #expect(empty.code == nil && empty.reason.isEmpty)
        let bare = try ClosePayload(parsing: ByteBuffer(bytes: [0x03, 0xE8]))
        #expect(bare.code == .normalClosure && bare.reason.isEmpty)
        let full = try ClosePayload(parsing: ByteBuffer(bytes: [0x0F, 0xA0] + Array("tschüß".utf8)))
        #expect(full.code == CloseCode(rawValue: 4000) && full.reason == "tschüß")
    }

    @Test("RFC 6455 §5.5.1: a body of one byte fails")
    func oneByte() {
        #expect(failure([0x03]) == .protocolError)
    }

    @Test("RFC 6455 §7.4: a code that may not be sent fails", arguments: [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
    func forbiddenCode(code: UInt16) {
        #expect(failure([UInt8(code >> 8), UInt8(code & 0xFF)]) == .protocolError)
    }

    @Test("RFC 6455 §8.1: a reason that is not UTF-8 fails", arguments: [[0xFF], [0x61, 0xC3]] as [[UInt8]])
    func invalidReason(reason: [UInt8]) {
        #expect(failure([0x03, 0xE8] + reason) == .invalidPayload)
    }

    @Test("RFC 6455 §7.4.1: a payload to send never has a code that must not be sent")
    func sending() {
        #expect([UInt8](ClosePayload(sending: .goingAway, reason: "x").bytes) == [0x03, 0xE9, 0x78])
        for code in [nil, .noStatusReceived, .abnormalClosure, .tlsHandshake, CloseCode(rawValue: 0)] {
            #expect(ClosePayload(sending: code, reason: "x").bytes.readableBytes == 0)
        }
    }

    @Test("RFC 6455 §5.5: a reason is cut to 123 bytes, never inside a character")
    func cut() {
        let full = String(repeating: "a", count: 123)
        #expect(ClosePayload(sending: .goingAway, reason: full).reason == full)
        #expect(ClosePayload(sending: .goingAway, reason: full + "b").reason == full)
        let umlauts = ClosePayload(sending: .goingAway, reason: String(repeating: "ü", count: 100))
        #expect(umlauts.reason == String(repeating: "ü", count: 61))
        #expect(umlauts.bytes.readableBytes == 124)
    }
}
