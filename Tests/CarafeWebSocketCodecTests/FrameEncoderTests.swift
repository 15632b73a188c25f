import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct FrameEncoderTests {
    private let hello = ByteBuffer(string: "Hello")
    private let key = MaskingKey(0x37, 0xFA, 0x21, 0x3D)

    private func encode(_ frame: Frame, maskedWith key: MaskingKey? = nil) -> [UInt8] {
        [UInt8](FrameEncoder.encode(frame, maskedWith: key))
    }

    @Test("RFC 6455 §5.7: a single-frame text message, unmasked and masked")
    func text() {
        let frame = Frame.message(.text("Hello"))
        #expect(encode(frame) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            encode(frame, maskedWith: key)
                == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
    }

    @Test("RFC 6455 §5.7: a fragmented unmasked text message")
    func fragmented() {
        let frames = Frame.fragments(of: .text("Hello"), length: 3)
        #expect(
            [UInt8](FrameEncoder.encode(frames, role: .server))
                == [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        )
    }

    @Test("RFC 6455 §5.7: a ping, and its masked pong")
    func pingAndPong() throws {
        #expect(try encode(.ping(hello)) == [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            encode(.pong(hello), maskedWith: key)
                == [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
    }

    @Test("RFC 6455 §5.7: 256 bytes and 64 KiB of binary in one frame")
    func longer() {
        let short = [UInt8](repeating: 1, count: 256)
        #expect(encode(.message(.binary(short))) == [0x82, 0x7E, 0x01, 0x00] + short)
        let long = [UInt8](repeating: 2, count: 65_536)
        #expect(encode(.message(.binary(long))) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + long)
    }

    @Test("RFC 6455 §5.5.1: a close frame")
    func close() {
        #expect(encode(.close()) == [0x88, 0x00])
        #expect(encode(.close(.normalClosure, reason: "ok")) == [0x88, 0x04, 0x03, 0xE8, 0x6F, 0x6B])
    }

    @Test("RFC 7692 §6: RSV1 is written")
    func reserved1() {
        #expect(encode(Frame(opcode: .text, payload: hello, reserved1: true)).first == 0xC1)
    }

    @Test("A frame is appended to earlier output, and masks only itself")
    func append() {
        var output = ByteBuffer(string: "before")
        output.moveReaderIndex(forwardBy: 2)
        FrameEncoder.append(.pong(hello), maskedWith: key, to: &output)
        #expect([UInt8](output) == Array("fore".utf8) + encode(.pong(hello), maskedWith: key))
    }

    @Test("The payload's own storage is not masked")
    func payloadUntouched() {
        let payload = hello
        _ = FrameEncoder.encode(.pong(payload), maskedWith: key)
        #expect(payload == ByteBuffer(string: "Hello"))
    }

    @Test("The buffer is allocated once, for header and payload", arguments: [0, 100, 1000, 100_000])
    func capacity(length: Int) {
        let buffer = FrameEncoder.encode(.message(.binary(ByteBuffer(repeating: 0, count: length))))
        // ByteBuffer rounds up to a power of two.
        #expect(buffer.storageCapacity < 2 * buffer.readableBytes)
    }

    @Test("RFC 6455 §5.1: with the role of a client each frame is masked with a key of its own")
    func clientRole() throws {
        let frames = [Frame](repeating: .message(.binary([UInt8](repeating: 0, count: 64))), count: 2)
        let wire = [UInt8](FrameEncoder.encode(frames, role: .client))
        #expect(wire.count == 2 * 70)
        #expect(wire[2..<6] != wire[72..<76])
        var decoder = MessageDecoder(role: .server)
        let events = decoder.events(wire)
        #expect(events == frames.map { .message(.binary($0.payload)) })
    }
}
