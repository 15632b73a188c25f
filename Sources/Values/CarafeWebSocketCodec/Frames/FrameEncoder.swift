package import NIOCore

/// Writes frames: header and payload into one buffer.
///
/// A server leaves the key out; a client has a fresh one for each frame, `MaskingKey.random()` (RFC 6455 §5.1, §5.3).
package enum FrameEncoder {
    /// The frame in a buffer of its own, allocated once.
    package static func encode(_ frame: Frame, maskedWith key: MaskingKey? = nil) -> ByteBuffer {
        var output = ByteBuffer()
        append(frame, maskedWith: key, to: &output)
        return output
    }

    /// The frames one after the other in a buffer of their own, each masked with a key of its own if we are a client.
    package static func encode(_ frames: some Sequence<Frame>, role: Role) -> ByteBuffer {
        var output = ByteBuffer()
        for frame in frames {
            append(frame, maskedWith: role == .client ? .random() : nil, to: &output)
        }
        return output
    }

    /// Appends the frame to other output, so that a burst leaves in one write.
    package static func append(_ frame: Frame, maskedWith key: MaskingKey? = nil, to output: inout ByteBuffer) {
        let header = FrameHeader(
            isFinal: frame.isFinal,
            reserved1: frame.reserved1,
            opcode: frame.opcode,
            maskingKey: key,
            payloadLength: frame.payload.readableBytes
        )
        output.reserveCapacity(minimumWritableBytes: header.encodedLength + header.payloadLength)
        header.write(to: &output)
        output.writeImmutableBuffer(frame.payload)
        guard var key else { return }
        // Raw pointers as in MaskingKey.apply(to:). The payload is at the end of the readable bytes.
        output.withUnsafeMutableReadableBytes { bytes in
            key.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes.suffix(header.payloadLength)))
        }
    }
}
