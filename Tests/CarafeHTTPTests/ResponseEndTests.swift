import CarafeHTTP
import HTTPTypes
import Synchronization
import Testing

@Suite("Response.onEnd", .timeLimit(.minutes(10)))
struct ResponseEndTests {
    private final class Ends: Sendable {
        let all = Mutex<[String]>([])
        func add(_ end: String) { all.withLock { $0.append(end) } }
        var list: [String] { all.withLock { $0 } }
    }

    @Test("all that asked are told once, the innermost first")
    func told() {
        let ends = Ends()
        do {
            var response = Response(text: "x")
            response.onEnd { ends.add("inner \($0)") }
            response.onEnd { ends.add("outer \($0)") }
            response.reportEnd(.sent)
            response.reportEnd(.brokenOff)
        }
        #expect(ends.list == ["inner sent", "outer sent"])
    }

    @Test("a response that nobody sends is broken off when it is let go, and not before")
    func dropped() {
        let ends = Ends()
        var kept: Response?
        do {
            var response = Response(text: "x")
            response.onEnd { ends.add("\($0)") }
            kept = response
        }
        #expect(kept?.status == .ok && ends.list.isEmpty)
        kept = nil
        #expect(ends.list == ["brokenOff"])
    }

    @Test("a copy that is told of more does not end the one that is sent")
    func copies() {
        let ends = Ends()
        var response = Response(text: "x")
        response.onEnd { ends.add("first \($0)") }
        do {
            var copy = response
            copy.onEnd { ends.add("copy \($0)") }
        }
        #expect(ends.list == ["copy brokenOff"])
        response.reportEnd(.sent)
        #expect(ends.list == ["copy brokenOff", "first sent"])
    }
}
