import CarafeRoomsRedis
import NIOCore
import Testing

@Suite("Log of failures", .timeLimit(.minutes(10)))
struct FailureLogTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test("a failure is logged once a minute, another one at once")
    func rate() {
        var log = FailureLog()
        #expect(log.failed("a", at: Self.at(0)) == true)
        #expect(log.failed("a", at: Self.at(59)) == false)
        #expect(log.failed("b", at: Self.at(59)) == true)
        #expect(log.failed("a", at: Self.at(60)) == true)
    }

    @Test("a recovery is logged once after failures that were logged")
    func recovery() {
        var log = FailureLog()
        #expect(log.recovered() == false)
        _ = log.failed("a", at: Self.at(0))
        #expect(log.recovered() == true)
        #expect(log.recovered() == false)
        _ = log.failed("a", at: Self.at(1))
        #expect(log.recovered() == false)
    }

    @Test("many different failures are not all logged")
    func bound() {
        var log = FailureLog()
        let logged = (0..<1000).filter { log.failed("\($0)", at: Self.at(0)) }
        #expect(logged.count == 32)
    }
}
