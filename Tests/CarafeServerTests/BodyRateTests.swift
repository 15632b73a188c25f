import NIOCore
import Testing

@testable import CarafeServer

@Suite("BodyRate", .timeLimit(.minutes(10)))
struct BodyRateTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    private func rate(bytesPerSecond: Int) -> BodyRate {
        var timeouts = ServerConfiguration.Timeouts()
        timeouts.body = .seconds(10)
        timeouts.bodyRate = bytesPerSecond
        return BodyRate(from: start, ClientTimes(timeouts))
    }

    @Test("a body has its grace, and a second for the bytes that the rate says")
    func timeLeft() {
        var rate = rate(bytesPerSecond: 100)
        #expect(rate.timeLeft(at: start) == .seconds(10))
        rate.add(250)
        #expect(rate.timeLeft(at: start + .seconds(5)) == .seconds(7))
        #expect(rate.timeLeft(at: start + .seconds(12)) == .zero)
    }

    @Test("a client that was made to wait has its time again")
    func restart() {
        var rate = rate(bytesPerSecond: 100)
        rate.restart(at: start + .seconds(60))
        #expect(rate.timeLeft(at: start + .seconds(60)) == .seconds(10))
    }

    @Test("a rate of 0 counts as one byte in a second")
    func zero() {
        var rate = rate(bytesPerSecond: 0)
        rate.add(5)
        #expect(rate.timeLeft(at: start) == .seconds(15))
    }
}
