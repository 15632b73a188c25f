import NIOCore

@testable import CarafeWebSocketCodec

/// Frames out of bytes, and the same bytes out of the frames.
///
/// Input: role and RSV1, three lengths of reads; then the stream.
enum FramesTarget: Target {
    static let name = "frames"

    static var seeds: [Seed] {
        let examples = FrameExamples.rfc6455 + FrameExamples.others + DeflateExamples.frames
        return (0...1).flatMap { role in examples.map { Seed([2 | role, 1, 2, 0], $0.bytes) } }
    }

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let flags = input.byte()
        let role: Role = flags & 1 == 0 ? .client : .server
        let split = input.split()
        let stream = input.remaining()
        func decode(_ reads: [[UInt8]]) -> Decoding {
            var decoding = Decoding(role: role, isReserved1Negotiated: flags & 2 != 0)
            for read in reads { decoding.receive(read) }
            return decoding
        }
        let whole = decode([stream])
        let parts = decode(split.reads(of: stream))
        law("the same bytes in pieces give the same frames", parts.frames == whole.frames)
        law("the same bytes in pieces give the same unfinished frame", parts.unfinished == whole.unfinished)
        law("the same bytes in pieces give the same failure", parts.failure == whole.failure)
        // RFC 6455 §5.2 leaves no choice in how a header is written.
        law("frames are written as they were read", stream.starts(with: whole.encoded))
    }
}

/// The result of a frame decoder, the parts of each frame joined.
private struct Decoding {
    private(set) var frames: [Decoded] = []
    private(set) var unfinished: Decoded?
    private(set) var failure: ProtocolError?
    private var decoder: FrameDecoder

    struct Decoded: Equatable {
        let header: FrameHeader
        var payload: ByteBuffer
    }

    init(role: Role, isReserved1Negotiated: Bool) {
        let limits = MessageLimits(messageLimit: 1 << 20, fragmentLimit: 50)
        decoder = FrameDecoder(role: role, limits: limits, isReserved1Negotiated: isReserved1Negotiated)
    }

    mutating func receive(_ read: [UInt8]) {
        guard failure == nil else { return }
        var bytes = ByteBuffer(bytes: read)
        decoder.receive(&bytes)
        do {
            while let part = try decoder.next() { join(part) }
            law("nothing waits that could be handed out", decoder.unreadByteCount == 0)
        } catch {
            failure = error
        }
    }

    private mutating func join(_ part: FramePart) {
        law("a first part begins a frame, and no other does", part.isFirst == (unfinished == nil))
        law("the parts of a frame have one header", part.isFirst || part.header == unfinished?.header)
        var frame = unfinished ?? Decoded(header: part.header, payload: ByteBuffer())
        frame.payload.writeImmutableBuffer(part.payload)
        let isWhole = frame.payload.readableBytes == frame.header.payloadLength
        law("the last part ends the payload, and no other does", part.isLast == isWhole)
        unfinished = part.isLast ? nil : frame
        if part.isLast { frames.append(frame) }
    }

    var encoded: [UInt8] {
        var output = ByteBuffer()
        for decoded in frames {
            let header = decoded.header
            let frame = Frame(
                opcode: header.opcode, payload: decoded.payload, isFinal: header.isFinal, reserved1: header.reserved1)
            FrameEncoder.append(frame, maskedWith: header.maskingKey, to: &output)
        }
        return Array(output.readableBytesView)
    }
}
