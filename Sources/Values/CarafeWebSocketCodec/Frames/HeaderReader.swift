/// Reads frame headers out of a stream that may be cut anywhere.
///
/// The first bytes of a cut header wait in the value itself, so that no buffer stays alive for them.
struct HeaderReader: Sendable {
    private var held = InlineArray<14, UInt8>(repeating: 0)
    private var heldCount = 0

    /// Reads on; the header is nil as long as it is not whole, and then all bytes were consumed.
    mutating func read(_ bytes: RawSpan) throws(ProtocolError) -> (header: FrameHeader?, consumed: Int) {
        if heldCount == 0, let (header, length) = try FrameHeader.parse(bytes) {
            return (header, length)
        }
        for offset in 0..<bytes.byteCount {
            // A header is whole after 14 bytes at the latest, so the index stays inside.
            held[heldCount] = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
            heldCount += 1
            if let (header, _) = try FrameHeader.parse(held.span.bytes.extracting(first: heldCount)) {
                heldCount = 0
                return (header, offset + 1)
            }
        }
        return (nil, bytes.byteCount)
    }
}
