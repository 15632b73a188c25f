import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeWebSocketTransport

@Suite("MessageTimer", .timeLimit(.minutes(10)))
struct MessageTimerTests {
    private final class Count {
        var value = 0
    }

    private let loop = EmbeddedEventLoop()
    private let expiries = Count()

    private func makeTimer() -> MessageTimer {
        MessageTimer(limit: .seconds(10), eventLoop: loop) { [expiries] in expiries.value += 1 }
    }

    @Test("the time runs from where the message began, however often it goes on")
    func runs() {
        let timer = makeTimer()
        for _ in 1...5 {
            timer.begin()
            #expect(expiries.value == 0)
            loop.advanceTime(by: .seconds(2))
        }
        #expect(expiries.value == 1)
        timer.cancel()
    }

    @Test("a message that is whole in time lets the next one have all of it")
    func ends() {
        let timer = makeTimer()
        timer.begin()
        loop.advanceTime(by: .seconds(9))
        timer.end()
        loop.advanceTime(by: .seconds(9))
        timer.begin()
        loop.advanceTime(by: .seconds(9))
        #expect(expiries.value == 0)
        loop.advanceTime(by: .seconds(1))
        #expect(expiries.value == 1)
        timer.cancel()
    }

    @Test("a restarted time is whole again")
    func restarts() {
        let timer = makeTimer()
        timer.begin()
        loop.advanceTime(by: .seconds(9))
        timer.restart()
        loop.advanceTime(by: .seconds(9))
        #expect(expiries.value == 0)
        loop.advanceTime(by: .seconds(1))
        #expect(expiries.value == 1)
        timer.cancel()
    }
}
