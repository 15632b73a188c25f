import NIOCore

@testable import CarafeWebSocketCodec

/// Messages through encoder and decoder, with every agreement on compression and every fragmentation.
///
/// Input: both sides' options, role, three lengths of reads; then for each message how it is sent, and its content.
enum MessagesTarget: Target {
    static let name = "messages"

    static var seeds: [Seed] {
        let texts = ["Hello", "größer als plain old ASCII", "{\"id\": 1, \"room\": \"lobby\", \"text\": \"🙂\"}", ""]
        return (0...1 as ClosedRange<UInt8>).flatMap { role in
            (0..<8 as Range<UInt8>).map { how in
                let messages = texts.flatMap { [how << 1, how, UInt8($0.utf8.count)] + Array($0.utf8) }
                return Seed([7, 7, how, 7, 7, 0, role, 4, 1, 0], messages + messages)
            }
        }
    }

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let client = DeflateOptions(&input)
        let server = DeflateOptions(&input)
        let flags = input.byte()
        let sender: Role = flags & 1 == 0 ? .server : .client
        let receiver: Role = flags & 1 == 0 ? .client : .server
        let parameters = flags & 2 == 0 ? agree(client, server) : nil
        let split = input.split()
        var conversation = Conversation(
            sender: sender, parameters: parameters, options: sender == .server ? server : client)
        while !input.isEmpty, conversation.expected.count < 20 { conversation.add(&input) }
        for reads in [[conversation.wire], split.reads(of: conversation.wire)] {
            var decoder = MessageDecoder(role: receiver, deflate: parameters)
            var events: [MessageDecoder.Event] = []
            for read in reads {
                var bytes = ByteBuffer(bytes: read)
                decoder.receive(&bytes)
                while let event = decoder.next() { events.append(event) }
            }
            law("the messages that were sent are received", events == conversation.expected)
            law("nothing is left over", decoder.heldByteCount == 0 && !decoder.isInsideMessage)
        }
    }

    private static func agree(_ client: DeflateOptions, _ server: DeflateOptions) -> DeflateParameters? {
        let offer = DeflateOffer(options: client)
        let negotiation = try? DeflateNegotiation(answering: offer.fieldValue, options: server)
        law("two sides of ours agree", negotiation != nil)
        let agreed = try? offer.check(negotiation?.fieldValue)
        law("both sides agree on the same", agreed == negotiation?.parameters)
        return agreed
    }
}

/// Messages on their way, and the events they shall give.
private struct Conversation {
    private(set) var expected: [MessageDecoder.Event] = []
    private(set) var wire: [UInt8] = []
    private let sender: Role
    private var encoder: MessageEncoder
    private var pool: DeflaterPool

    init(sender: Role, parameters: DeflateParameters?, options: DeflateOptions) {
        self.sender = sender
        encoder = MessageEncoder(role: sender, deflate: parameters)
        pool = DeflaterPool(options: options)
    }

    mutating func add(_ input: inout Input) {
        let flags = input.byte()
        let fragment = input.number(in: 0...255)
        let bytes = input.bytes(count: Int(input.byte()))
        // Repeated, because only long messages are worth compressing and reach back in the window.
        let times = flags & 16 == 0 ? 1 : 60
        let content = Array(repeatElement(bytes, count: times).joined())
        let message: Message = flags & 1 == 0 ? .text(String(decoding: content, as: UTF8.self)) : .binary(content)
        if flags & 8 != 0 { encoder.releaseContext() }
        let frame =
            flags & 2 == 0
            ? encoder.frame(for: message, pool: &pool)
            : encoder.frame(for: pool.share(message, windowBits: 8 + Int(flags >> 5)))
        law("compression never makes a message longer", frame.payload.readableBytes <= message.bytes.readableBytes)
        for piece in frame.cut(at: fragment == 0 ? .max : fragment * times) {
            if flags & 4 != 0 { ping(Array(bytes.prefix(125))) }
            send(piece)
        }
        expected.append(.message(message))
    }

    private mutating func ping(_ payload: [UInt8]) {
        send(Frame(opcode: .ping, payload: ByteBuffer(bytes: payload)))
        expected.append(.ping(ByteBuffer(bytes: payload)))
    }

    private mutating func send(_ frame: Frame) {
        // A key that is another for each frame, and the same in each run.
        let turn = UInt8(truncatingIfNeeded: wire.count)
        let key = sender == .client ? MaskingKey(turn, 0xFA, 0x21 &* turn, 0x3D) : nil
        wire += FrameEncoder.encode(frame, maskedWith: key).readableBytesView
    }
}

extension Frame {
    /// Several frames of one message; RFC 7692 §6.1: RSV1 is for the first alone.
    fileprivate func cut(at length: Int) -> [Frame] {
        var frames = Frame.fragments(of: .binary(payload), length: length)
        frames[0].opcode = opcode
        frames[0].reserved1 = reserved1
        return frames
    }
}

extension DeflateOptions {
    init(_ input: inout Input) {
        let serverBits = input.number(in: 8...15)
        let clientBits = input.number(in: 8...15)
        let flags = input.byte()
        self.init(
            threshold: flags & 4 == 0 ? 0 : 50, compressionLevel: Int(flags >> 4) % 10,
            memoryLevel: flags & 8 == 0 ? 1 : 5, serverNoContextTakeover: flags & 1 != 0,
            clientNoContextTakeover: flags & 2 != 0, serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits)
    }
}
