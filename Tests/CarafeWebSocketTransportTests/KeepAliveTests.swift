import NIOCore
import Testing

@testable import CarafeWebSocketTransport

@Suite("KeepAlive", .timeLimit(.minutes(10)))
struct KeepAliveTests {
    private let limits = ConnectionLimits()

    @Test("a peer is pinged, and disconnected after two silent intervals in which it could be heard")
    func intervals() {
        var keepAlive = KeepAlive()
        #expect(keepAlive.endInterval(canBeHeard: true, limits: limits) == .ping)
        keepAlive.noteBytes()
        #expect(keepAlive.endInterval(canBeHeard: true, limits: limits) == .ping)
        #expect(keepAlive.endInterval(canBeHeard: true, limits: limits) == .ping)
        #expect(keepAlive.endInterval(canBeHeard: false, limits: limits) == .ping)
        #expect(keepAlive.endInterval(canBeHeard: true, limits: limits) == .ping)
        #expect(keepAlive.endInterval(canBeHeard: true, limits: limits) == .disconnect)
    }

    @Test("the eleventh ping in a second is one too many")
    func pings() {
        var keepAlive = KeepAlive()
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        for _ in 1...10 { #expect(keepAlive.receivedPing(at: start, limits: limits) == false) }
        #expect(keepAlive.receivedPing(at: start, limits: limits) == true)
        #expect(keepAlive.receivedPing(at: start + .seconds(1), limits: limits) == false)
    }
}
