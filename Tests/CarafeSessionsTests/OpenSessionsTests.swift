import CarafeHTTP
import Testing

@testable import CarafeSessions

@Suite("OpenSessions", .timeLimit(.minutes(10))) struct OpenSessionsTests {
    @Test("members enter and leave") func membersEnterLeave() {
        let sessions = OpenSessions()
        var one: OpenSessions.Entry? = OpenSessions.Entry(in: sessions)
        let other = OpenSessions.Entry(in: sessions)
        if let one { sessions.enter(one, "a") }
        sessions.enter(other, "a")
        sessions.move("a", to: "b")
        sessions.end("a")
        #expect(!other.admission.isOver)
        one = nil
        #expect(sessions.count == 1)
        sessions.enter(other, "c")
        sessions.end("b")
        #expect(!other.admission.isOver && sessions.count == 1)
        sessions.end("c")
        #expect(other.admission.isOver && sessions.count == 0)
    }
}
