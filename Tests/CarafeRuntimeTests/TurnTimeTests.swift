import NIOCore
import TestSupport
import Testing

@testable import CarafeRuntime

@Suite("TurnTime", .timeLimit(.minutes(10)))
struct TurnTimeTests {
    private let clock = ManualClock()

    private func makeTime(_ limit: TimeAmount? = .milliseconds(2)) -> TurnTime {
        TurnTime(limit: limit) { [clock] in clock.now }
    }

    @Test("it begins with the first question, and is over when the limit has passed")
    func limit() {
        var time = makeTime()
        var isOver: Bool
        clock.advance(by: .hours(1))
        #expect(!time.isRunning)
        isOver = time.isOver()
        #expect(!isOver)
        #expect(time.isRunning)
        clock.advance(by: .microseconds(1999))
        isOver = time.isOver()
        #expect(!isOver)
        clock.advance(by: .microseconds(1))
        isOver = time.isOver()
        #expect(isOver)
        isOver = time.isOver()
        #expect(isOver)
    }

    @Test("polling the sockets begins a new turn")
    func begin() {
        var time = makeTime()
        var isOver: Bool
        _ = time.isOver()
        clock.advance(by: .seconds(1))
        time.begin()
        isOver = time.isOver()
        #expect(!isOver)
        clock.advance(by: .milliseconds(2))
        isOver = time.isOver()
        #expect(isOver)
    }

    @Test("an event after a long silence begins a new turn, one soon after its end does not")
    func idle() {
        var time = makeTime()
        var isOver: Bool
        _ = time.isOver()
        clock.advance(by: .milliseconds(2 + 19))
        isOver = time.isOver(afterEvent: true)
        #expect(isOver)
        clock.advance(by: .milliseconds(1))
        isOver = time.isOver(afterEvent: false)
        #expect(isOver)
        isOver = time.isOver(afterEvent: true)
        #expect(!isOver)
        isOver = time.isOver(afterEvent: false)
        #expect(!isOver)
    }

    @Test("without a limit it is never over")
    func noLimit() {
        var time = makeTime(nil)
        var isOver: Bool
        time.begin()
        _ = time.isOver()
        clock.advance(by: .hours(1))
        isOver = time.isOver()
        #expect(!isOver)
    }
}
