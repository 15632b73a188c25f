import NIOCore
import Testing

@testable import CarafeWebSocketCodec

/// Any list of messages, in any fragments, in any reads, arrives as it was sent.
@Suite(.timeLimit(.minutes(10))) struct PropertyTests {
    typealias Event = MessageDecoder.Event

    /// Everything that two sides can agree on.
    private static let agreements: [DeflateParameters?] =
        [nil]
        + [false, true].flatMap { server in
            [false, true].flatMap { client in
                (8...15).flatMap { serverBits in
                    (8...15).map { clientBits in
                        DeflateParameters(
                            serverNoContextTakeover: server, clientNoContextTakeover: client,
                            serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits)
                    }
                }
            }
        }

    @Test(
        "RFC 6455 §5.4, RFC 7692 §6, §7: whatever was agreed, fragments and reads do not change the messages",
        arguments: [Role.server, .client]
    )
    func conversations(receiver: Role) {
        let sender: Role = receiver == .server ? .client : .server
        var (compressed, fragments, controls, closes) = (0, 0, 0, 0)
        for (index, agreement) in Self.agreements.enumerated() {
            let seed = UInt64(index)
            var conversation = PropertyConversation(seed: seed, sender: sender, deflate: agreement)
            var decoder = MessageDecoder(role: receiver, deflate: agreement)
            let events = decoder.events(conversation.reads())
            #expect(events == conversation.expected, "seed \(seed), \(String(describing: agreement))")
            #expect(decoder.heldByteCount == 0, "seed \(seed)")
            #expect(!decoder.isInsideMessage, "seed \(seed)")
            compressed += conversation.frames.count(where: \.reserved1)
            fragments += conversation.frames.count { !$0.isFinal }
            controls += conversation.frames.count { $0.opcode == .ping || $0.opcode == .pong }
            closes += conversation.frames.count { $0.opcode == .close }
        }
        // Otherwise the conversations would say little.
        #expect(compressed > 200)
        #expect(fragments > 2000)
        #expect(controls > 300)
        #expect(closes > 30)
    }

    @Test(
        "Every way of cutting a short stream into three reads leads to the same events",
        arguments: [Role.server, .client])
    func threeReads(receiver: Role) {
        let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let frames = [
            Frame(opcode: .text, payload: ByteBuffer(bytes: hello.prefix(3)), isFinal: false, reserved1: true),
            Frame(opcode: .ping, payload: ByteBuffer(string: "p")),
            Frame(opcode: .continuation, payload: ByteBuffer(bytes: hello.dropFirst(3))),
            Frame(opcode: .text, payload: ByteBuffer(bytes: [0x61, 0xC3]), isFinal: false),
            Frame(opcode: .continuation, payload: ByteBuffer(bytes: [0xA9])),
            Frame(opcode: .binary, payload: ByteBuffer(bytes: [0xF2, 0x00, 0x11, 0x00, 0x00]), reserved1: true),
            Frame.close(.goingAway, reason: "é"),
        ]
        let expected: [Event] = [
            .ping(ByteBuffer(string: "p")), .message(.text("Hello")), .message(.text("aé")),
            .message(.binary(Array("Hello".utf8))), .close(code: .goingAway, reason: "é"),
        ]
        let wire = [UInt8](FrameEncoder.encode(frames, role: receiver == .server ? .client : .server))
        for first in 0...wire.count {
            for second in first...wire.count {
                var decoder = MessageDecoder(role: receiver, deflate: DeflateParameters())
                let events = decoder.events([
                    Array(wire[..<first]), Array(wire[first..<second]), Array(wire[second...]),
                ])
                #expect(events == expected, "cut at \(first) and \(second)")
            }
        }
    }
}
