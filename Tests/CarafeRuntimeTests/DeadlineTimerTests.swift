import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeRuntime

@Suite(.timeLimit(.minutes(10))) struct DeadlineTimerTests {
    private final class Counter {
        var value = 0
    }

    private let loop = EmbeddedEventLoop()
    private let fired = Counter()

    private func makeTimer() -> DeadlineTimer {
        DeadlineTimer(eventLoop: loop) { [fired] in fired.value += 1 }
    }

    @Test("fires once at its deadline") func firesOnce() {
        let timer = makeTimer()
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(4))
        #expect(fired.value == 0)
        loop.advanceTime(by: .seconds(1))
        #expect(fired.value == 1)
        loop.advanceTime(by: .seconds(60))
        #expect(fired.value == 1)
    }

    @Test("a later deadline replaces the first") func laterDeadlineTakes() {
        let timer = makeTimer()
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(3))
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(4))
        #expect(fired.value == 0)
        loop.advanceTime(by: .seconds(1))
        #expect(fired.value == 1)
    }

    @Test("an earlier deadline replaces the first") func earlierDeadlineTakes() {
        let timer = makeTimer()
        timer.set(in: .seconds(50))
        timer.set(in: .seconds(5))
        loop.advanceTime(by: .seconds(5))
        #expect(fired.value == 1)
        loop.advanceTime(by: .seconds(100))
        #expect(fired.value == 1)
    }

    @Test("stays quiet until it is set again", arguments: [true, false]) func staysQuiet(cancels: Bool) {
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
