import NIOHTTP2
import Testing

@testable import CarafeHTTP2

@Suite("HTTP2StreamEnd", .timeLimit(.minutes(10)))
struct HTTP2StreamEndTests {
    @Test("RFC 9113 §8.1: the reset waits for the answer")
    func order() {
        var end = HTTP2StreamEnd(bodyLimit: 10)
        #expect(end.received(10) == .goOn)
        #expect(end.received(1) == .pause)
        #expect(end.timeIsUp() == .goOn)
        #expect(end.answerLeft() == .reset(.noError))
    }

    @Test("a request that is not whole when its answer has left gets a time and a number of bytes")
    func linger() {
        var end = HTTP2StreamEnd(bodyLimit: 10)
        #expect(end.answerLeft() == .linger)
        #expect(end.received(10) == .goOn)
        #expect(end.timeIsUp() == .reset(.noError))
        #expect(end.received(1) == .reset(.noError))
        var malformed = HTTP2StreamEnd(bodyLimit: 10, isMalformed: true)
        #expect(malformed.answerLeft() == .linger)
        #expect(malformed.timeIsUp() == .reset(.protocolError))
    }

    @Test("RFC 9113 §6.9, §6.9.1: windows are checked after the answer has left, too")
    func windows() {
        var end = HTTP2StreamEnd(bodyLimit: 10)
        #expect(end.received(increment: 0) == .reset(.protocolError))
        // SwiftNIO checks what comes before.
        #expect(end.received(increment: 1 << 30) == .goOn)
        #expect(end.answerLeft() == .linger)
        #expect(end.received(increment: 1 << 30) == .goOn)
        #expect(end.received(increment: (1 << 30) - 1) == .goOn)
        #expect(end.received(increment: 1) == .reset(.flowControlError))
    }

    @Test("a client that takes nothing of an answer between two looks is cut off")
    func progress() {
        var end = HTTP2StreamEnd(bodyLimit: 10)
        #expect(end.checkProgress() == .goOn)
        end.madeProgress()
        #expect(end.checkProgress() == .goOn)
        #expect(end.checkProgress() == .reset(.cancel))
        #expect(end.answerLeft() == .linger)
        #expect(end.checkProgress() == .goOn)
    }
}
