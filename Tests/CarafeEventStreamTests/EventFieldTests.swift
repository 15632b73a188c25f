import NIOCore
import Testing

@testable import CarafeEventStream

@Suite(.timeLimit(.minutes(10))) struct EventFieldTests {
    @Test("WHATWG HTML §9.2.5: a field is a name, a colon, a space and a value; an empty line ends the event")
    func fields() {
        var bytes = ByteBuffer()
        bytes.writeEventField(.id, "7")
        bytes.writeEventField(.event, "price")
        bytes.writeEventField(.retry, "10")
        bytes.writeEventField(.comment, "here")
        bytes.writeEventField(.data) { $0.writeImmutableBuffer(ByteBuffer(string: "1")) }
        bytes.writeEventEnd()
        #expect(String(buffer: bytes) == "id: 7\nevent: price\nretry: 10\n: here\ndata: 1\n\n")
    }
}
