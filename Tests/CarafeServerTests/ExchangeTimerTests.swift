import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeServer

@Suite("ExchangeTimer", .timeLimit(.minutes(10)))
struct ExchangeTimerTests {
    private let loop = EmbeddedEventLoop()

    @Test("each deadline has the time that the configuration says")
    func times() {
        var timeouts = ServerConfiguration.Timeouts()
        timeouts.idle = .seconds(1)
        timeouts.head = .seconds(2)
        timeouts.body = .seconds(3)
        timeouts.write = .seconds(4)
        timeouts.linger = .seconds(5)
        #expect(Deadline.allCases.map { ClientTimes(timeouts)[$0] } == (1...5).map { .seconds($0) })
    }

    @Test("the deadline that was set last passes, once, and is told by its name")
    func passes() {
        var passed: [Deadline] = []
        let timer = ExchangeTimer(eventLoop: loop, ClientTimes(ServerConfiguration.Timeouts())) { passed.append($0) }
        timer.set(.head)
        timer.set(.body, in: .seconds(1))
        #expect(timer.deadline == .body)
        loop.advanceTime(by: .seconds(1))
        #expect(passed == [.body] && timer.deadline == nil)
        loop.advanceTime(by: .hours(1))
        #expect(passed == [.body])
        timer.cancel()
    }

    @Test("a deadline is cleared by its name, and no other with it")
    func clears() {
        var passed: [Deadline] = []
        let timer = ExchangeTimer(eventLoop: loop, ClientTimes(ServerConfiguration.Timeouts())) { passed.append($0) }
        timer.set(.write)
        timer.clear(.body)
        #expect(timer.deadline == .write)
        timer.clear(.write)
        #expect(timer.deadline == nil)
        loop.advanceTime(by: .hours(1))
        #expect(passed.isEmpty)
        timer.cancel()
    }
}
