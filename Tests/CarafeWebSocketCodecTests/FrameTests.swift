import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct FrameTests {
    @Test("RFC 6455 §5.4: fragments begin with the opcode, go on with continuations and end with FIN")
    func fragments() {
        let frames = Frame.fragments(of: .text("Hello"), length: 2)
        #expect(frames.map(\.opcode) == [.text, .continuation, .continuation])
        #expect(frames.map(\.isFinal) == [false, false, true])
        #expect(frames.map { String(buffer: $0.payload) } == ["He", "ll", "o"])
    }

    @Test("RFC 6455 §5.4: what fits is one frame, and so is nothing", arguments: ["", "He", "Hello"])
    func whole(text: String) {
        #expect(Frame.fragments(of: .text(text), length: 5) == [.message(.text(text))])
    }

    @Test("RFC 6455 §5.5: a ping has at most 125 bytes")
    func longPing() throws {
        let payload = ByteBuffer(repeating: 0, count: 125)
        #expect(try Frame.ping(payload) == Frame(opcode: .ping, payload: payload))
        #expect(throws: ControlPayloadError(found: 126)) {
            try Frame.ping(ByteBuffer(repeating: 0, count: 126))
        }
    }

    @Test("RFC 6455 §5.5.3: a pong has the payload of the ping")
    func pong() {
        let payload = ByteBuffer(repeating: 1, count: 125)
        #expect(Frame.pong(payload) == Frame(opcode: .pong, payload: payload))
    }
}
