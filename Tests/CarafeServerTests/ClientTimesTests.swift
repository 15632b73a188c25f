import NIOCore
import Testing

@testable import CarafeServer

@Suite("ClientTimes", .timeLimit(.minutes(10)))
struct ClientTimesTests {
    @Test("a time without end is a year, and its multiples do not overflow", arguments: Deadline.allCases)
    func bounded(deadline: Deadline) {
        var timeouts = ServerConfiguration.Timeouts()
        timeouts.idle = .seconds(Int64.max)
        timeouts.head = .seconds(Int64.max)
        timeouts.body = .seconds(Int64.max)
        timeouts.write = .seconds(Int64.max)
        timeouts.linger = .seconds(Int64.max)
        let time = ClientTimes(timeouts)[deadline]
        #expect(time == .hours(24 * 365))
        #expect(time * 6 > time)
    }
}
