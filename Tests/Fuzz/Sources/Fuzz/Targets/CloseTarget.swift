import NIOCore

@testable import CarafeWebSocketCodec

/// Close frames: those that come, and those that we send.
///
/// Input: the payload, which is also taken for the code and reason of a frame to send.
enum CloseTarget: Target {
    static let name = "close"

    static var seeds: [Seed] {
        let long = String(repeating: "größer ", count: 20)
        return [
            Seed([], []), Seed([0x03], []), Seed([0x03, 0xE8], []), Seed([0x03, 0xE9], text: "bye"),
            Seed([0x03, 0xED], []), Seed([0x0B, 0xB8], text: "größer"), Seed([0x13, 0x87], text: long),
        ]
    }

    static func check(_ bytes: [UInt8]) {
        receive(bytes)
        var input = Input(bytes)
        let code = CloseCode(rawValue: UInt16(input.byte()) << 8 | UInt16(input.byte()))
        send(code, String(decoding: input.remaining(), as: UTF8.self))
    }

    private static func receive(_ bytes: [UInt8]) {
        let payload = ByteBuffer(bytes: bytes.prefix(125))
        var decoder = MessageDecoder(role: .client)
        var frame = FrameEncoder.encode(Frame(opcode: .close, payload: payload))
        decoder.receive(&frame)
        let event = decoder.next()
        law("a close frame is the last event", event?.isLast ?? false)
        guard case .close(let code, let reason) = event else { return }
        law("a close that was read is written the same", Frame.close(code, reason: reason).payload == payload)
    }

    private static func send(_ code: CloseCode, _ reason: String) {
        let frame = Frame.close(code, reason: reason)
        law("RFC 6455 §5.5: a control frame has at most 125 bytes", frame.payload.readableBytes <= 125)
        var decoder = MessageDecoder(role: .client)
        var bytes = FrameEncoder.encode(frame)
        decoder.receive(&bytes)
        guard case .close(let receivedCode, let receivedReason) = decoder.next() else {
            fatalError("broken law: every close frame that we send can be read")
        }
        law("RFC 6455 §7.4: only codes that may be sent are", receivedCode == (code.isAllowedOnWire ? code : nil))
        guard receivedCode != nil else { return }
        law("the reason is a beginning of what was given", reason.utf8.starts(with: receivedReason.utf8))
        // RFC 3629 §3: a character has at most 4 bytes, so a cut loses at most 3 more than it must.
        law("no more is cut than must be", receivedReason.utf8.count >= min(reason.utf8.count, 120))
    }
}
