package import NIOCore

/// Decompresses messages of permessage-deflate (RFC 7692 §7.2.2).
///
/// A value: a copy goes its own way. It costs about 7 KiB, and the window once the first bytes have come.
package struct Inflater: Sendable {
    private var stream: InflateStream

    /// - Parameter windowBits: what was agreed for the peer, 8 to 15.
    package init(windowBits: Int = 15) {
        precondition((8...15).contains(windowBits), "expected 8 to 15 window bits, found \(windowBits)")
        stream = InflateStream(windowBits: windowBits)
    }

    /// A whole message; what came before, since the last reset, is the context of it.
    ///
    /// Throws 1007 for bytes that are not deflate data, and 1009 as soon as the message is longer than the limit.
    package mutating func inflate(_ payload: ByteBuffer, limit: Int) throws(ProtocolError) -> ByteBuffer {
        var output = ByteBuffer()
        var rest = payload
        while try inflate(&rest, into: &output, limit: limit) {}
        try finish()
        return output
    }

    /// Forgets the context, like a new decompressor.
    package mutating func reset() {
        makeUnique()
        stream.reset()
    }

    /// Appends the next step's bytes to the output, which may have `limit` bytes in all; false when the input is used
    /// up and all of it has come out.
    mutating func inflate(
        _ input: inout ByteBuffer,
        into output: inout ByteBuffer,
        limit: Int
    ) throws(ProtocolError) -> Bool {
        makeUnique()
        let room = limit - output.readableBytes
        guard room > 0 else { return try expectNothing(from: &input, limit: limit) }
        // Twice the present length, so that a long message does not grow often, and a short one stays small. A step has
        // an upper bound, so that a wrong character or a bomb is found soon.
        let likely = max(2 * input.readableBytes, output.readableBytes, 64)
        let wanted = min(likely, room, Self.stepLength)
        var outcome = InflateStream.Outcome.needsInput
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
            let step = UnsafeMutableRawBufferPointer(rebasing: space.prefix(min(room, Self.stepLength)))
            let result = stream.inflate(&input, into: step)
            outcome = result.0
            return result.written
        }
        return try Self.check(outcome)
    }

    /// RFC 7692 §7.2.2: adds the 00 00 FF FF that the sender left out.
    mutating func finish() throws(ProtocolError) {
        makeUnique()
        var tail = Self.tail
        let (outcome, written) = inflateOneByte(&tail)
        // It is the end of an empty block: should a byte come out, an earlier block was cut off.
        guard try !Self.check(outcome), written == 0, stream.isBetweenBlocks else {
            throw .notDeflate("expected a compressed message to end with a whole block")
        }
    }

    /// The most that comes out between two checks.
    static let stepLength = 65_536

    private static let tail = ByteBuffer(bytes: [0x00, 0x00, 0xFF, 0xFF])

    /// At the limit only the ends of blocks may still come: one byte more, and the message is too big.
    private func expectNothing(from input: inout ByteBuffer, limit: Int) throws(ProtocolError) -> Bool {
        let (outcome, written) = inflateOneByte(&input)
        guard written == 0 else { throw .messageTooBig(limit: limit) }
        return try Self.check(outcome)
    }

    private func inflateOneByte(_ input: inout ByteBuffer) -> (InflateStream.Outcome, written: Int) {
        // Raw memory on the stack, alive for the closure only.
        withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { stream.inflate(&input, into: $0) }
    }

    private static func check(_ outcome: InflateStream.Outcome) throws(ProtocolError) -> Bool {
        switch outcome {
        case .needsInput: return false
        case .needsSpace: return true
        case .corrupt: throw .notDeflate("expected deflate data in a compressed message")
        case .outOfMemory: throw ProtocolError(code: .internalError, reason: "out of memory")
        }
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&stream) {
            stream = InflateStream(copying: stream)
        }
    }
}

extension ProtocolError {
    /// RFC 6455 §7.4.1: 1007 is for data that does not fit the type of its message; RFC 7692 names no other code.
    fileprivate static func notDeflate(_ reason: String) -> ProtocolError {
        ProtocolError(code: .invalidPayload, reason: reason)
    }
}
