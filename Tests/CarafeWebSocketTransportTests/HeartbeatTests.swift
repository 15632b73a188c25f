import Testing

@testable import CarafeWebSocketTransport

@Suite("Heartbeat", .timeLimit(.minutes(10)))
struct HeartbeatTests {
    @Test("silent intervals are counted in a row, and bytes begin a new row")
    func counts() {
        var heartbeat = Heartbeat()
        #expect(heartbeat.endInterval(canBeHeard: true) == 1)
        #expect(heartbeat.endInterval(canBeHeard: true) == 2)
        heartbeat.noteBytes()
        #expect(heartbeat.endInterval(canBeHeard: true) == 0)
        #expect(heartbeat.endInterval(canBeHeard: true) == 1)
    }

    @Test("a peer that is not read is not silent")
    func notRead() {
        var heartbeat = Heartbeat()
        #expect(heartbeat.endInterval(canBeHeard: true) == 1)
        #expect(heartbeat.endInterval(canBeHeard: false) == 0)
        #expect(heartbeat.endInterval(canBeHeard: true) == 1)
    }
}
