import NIOCore

@testable import CarafeWebSocketCodec

/// Bytes of a peer through decoder, assembler and inflater.
///
/// Input: role and compression, its window, the limits, three lengths of reads; then the stream.
enum DecoderTarget: Target {
    static let name = "decoder"

    static var seeds: [Seed] {
        let examples = FrameExamples.rfc6455 + FrameExamples.others + DeflateExamples.frames
        return [Setting.client, Setting.server].flatMap { role in
            examples.map { Seed([role | Setting.deflate, 7, 3, 1, 5, 0], $0.bytes) }
        }
    }

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let setting = Setting(&input)
        let split = input.split()
        let stream = input.remaining()
        let whole = setting.events([stream], isShared: false)
        let parts = setting.events(split.reads(of: stream), isShared: true)
        law("the same bytes in pieces give the same events", parts == whole, "\(parts)\n\(whole)")
        if stream.count <= 300 {
            let single = setting.events(Split.single.reads(of: stream), isShared: false)
            law("the same bytes one by one give the same events", single == whole, "\(single)\n\(whole)")
        }
    }
}

/// One side of a connection.
private struct Setting {
    static let client: UInt8 = 0
    static let server: UInt8 = 1
    static let deflate: UInt8 = 2
    static let noContextTakeover: UInt8 = 4

    let role: Role
    let limits: MessageLimits
    let deflate: DeflateParameters?

    init(_ input: inout Input) {
        let flags = input.byte()
        role = flags & Self.server == 0 ? .client : .server
        // zlib knows of a distance beyond a smaller window only if it reaches back behind the current read. So whether
        // a peer that breaks such an agreement is found out depends on the reads. `messages` has peers that keep them.
        let windowBits = input.number(in: 15...15)
        let drops = flags & Self.noContextTakeover != 0
        deflate =
            flags & Self.deflate == 0
            ? nil
            : DeflateParameters(
                serverNoContextTakeover: drops, clientNoContextTakeover: drops,
                serverMaxWindowBits: windowBits, clientMaxWindowBits: windowBits)
        limits =
            [
                MessageLimits(messageLimit: 20, fragmentLimit: 3), MessageLimits(messageLimit: 300, fragmentLimit: 10),
                MessageLimits(messageLimit: 66_000, fragmentLimit: 100), MessageLimits(),
            ][input.number(in: 0...3)]
    }

    /// All that a decoder makes of the reads.
    ///
    /// - Parameter isShared: whether someone else holds each read too, as a channel may.
    func events(_ reads: [[UInt8]], isShared: Bool) -> [MessageDecoder.Event] {
        var decoder = MessageDecoder(role: role, limits: limits, deflate: deflate)
        var events: [MessageDecoder.Event] = []
        var isOver = false
        for read in reads {
            var bytes = ByteBuffer(bytes: read)
            let other = isShared ? bytes : nil
            decoder.receive(&bytes)
            law("the caller's buffer is left empty", bytes.readableBytes == 0)
            while let event = decoder.next() {
                law("nothing comes after the last event", !isOver)
                isOver = event.isLast
                check(event)
                events.append(event)
            }
            law("bytes that another holds stay as they were", other.map { $0 == ByteBuffer(bytes: read) } ?? true)
            // RFC 6455 §5.5: a control frame, of at most 125 bytes, may wait beside an unfinished message.
            law("no more is held than the limit", decoder.heldByteCount <= limits.messageLimit + 125)
            law(
                "no more memory is held than twice the limit",
                decoder.assemblyCapacity <= max(4 * limits.messageLimit, 256), "\(decoder.assemblyCapacity)")
            law("a closed decoder holds nothing", !isOver || decoder.heldByteCount == 0 && !decoder.isInsideMessage)
        }
        return events
    }

    private func check(_ event: MessageDecoder.Event) {
        switch event {
        case .message(let message):
            law("no message is longer than the limit", message.bytes.readableBytes <= limits.messageLimit)
            law("text is UTF-8", message.kind == .binary || message.bytes.isUTF8)
        case .ping(let payload), .pong(let payload):
            law("RFC 6455 §5.5: a control frame has at most 125 bytes", payload.readableBytes <= 125)
        case .close(let code, let reason):
            law("RFC 6455 §7.4: the code may be on the wire", code?.isAllowedOnWire ?? reason.isEmpty)
        case .failure(let code, let reason):
            var peer = MessageDecoder(role: .client)
            var frame = FrameEncoder.encode(.close(code, reason: reason))
            peer.receive(&frame)
            let answer = peer.next()
            law("a failure can be sent as it is", answer == .close(code: code, reason: reason), "\(answer as Any)")
        }
    }
}

extension MessageDecoder.Event {
    var isLast: Bool {
        switch self {
        case .close, .failure: true
        default: false
        }
    }
}

extension ByteBuffer {
    /// By the standard library, which knows nothing of our validator.
    var isUTF8: Bool { String(validating: readableBytesView, as: UTF8.self) != nil }
}
