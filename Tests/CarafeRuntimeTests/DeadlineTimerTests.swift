import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeRuntime

@Suite struct DeadlineTimerTests {
    private final class Counter {
        var value = 0
    }

    private let loop = EmbeddedEventLoop()
    private let fired = Counter()

    private func makeTimer() -> DeadlineTimer {
        DeadlineTimer(eventLoop: loop) { [fired] in fired.value += 1 }
    }

    @Test func firesOnceAtItsDeadline() {
        let timer = makeTimer()
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(4))
        #expect(fired.value == 0)
        loop.advanceTime(by: .seconds(1))
        #expect(fired.value == 1)
        loop.advanceTime(by: .seconds(60))
        #expect(fired.value == 1)
    }

    @Test func aLaterDeadlineTakesThePlaceOfTheFirst() {
        let timer = makeTimer()
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(3))
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(4))
        #expect(fired.value == 0)
        loop.advanceTime(by: .seconds(1))
        #expect(fired.value == 1)
    }

    @Test func anEarlierDeadlineTakesThePlaceOfTheFirst() {
        let timer = makeTimer()
        timer.set(in: .seconds(50))
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(5))
        #expect(fired.value == 1)
        loop.advanceTime(by: .seconds(100))
        #expect(fired.value == 1)
    }

    @Test(arguments: [true, false]) func staysQuietUntilItIsSetAgain(cancels: Bool) {
        let timer = makeTimer()
        timer.set(in: .seconds(5))
        cancels ? timer.cancel() : timer.clear()
        loop.advanceTime(by: .seconds(60))
        #expect(fired.value == 0)
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(5))
        #expect(fired.value == 1)
    }
}
