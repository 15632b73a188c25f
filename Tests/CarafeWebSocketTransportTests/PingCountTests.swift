import NIOCore
import Testing

@testable import CarafeWebSocketTransport

@Suite("PingCount", .timeLimit(.minutes(10)))
struct PingCountTests {
    @Test("pings are counted by the second, which begins with its first ping")
    func counts() {
        var pings = PingCount()
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        #expect(pings.add(at: start) == 1)
        #expect(pings.add(at: start + .milliseconds(999)) == 2)
        #expect(pings.add(at: start + .seconds(1)) == 1)
        #expect(pings.add(at: start + .milliseconds(1999)) == 2)
        #expect(pings.add(at: start + .seconds(2)) == 1)
    }
}
