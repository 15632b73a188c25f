/// Walks over the stream ahead of the decoder and unmasks each payload where it lies.
///
/// It must be ahead: as soon as the first message of a read is handed out as a slice, the read's storage has two
/// owners, and unmasking the second message in it would copy the rest, once for each message. The price is that headers
/// are read twice.
struct Unmasker: Sendable {
    private var headerReader = HeaderReader()
    private var key = MaskingKey(bits: 0)
    private var remaining = 0
    private var isStopped = false

    /// Unmasks the next piece of the stream in place, and leaves the headers in it as they are.
    mutating func unmask(_ bytes: UnsafeMutableRawBufferPointer) {
        var offset = 0
        while offset < bytes.count, !isStopped {
            // Raw pointers as in MaskingKey.apply(to:), which gets them; the slices here are bounds-checked.
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
            if remaining > 0 {
                let count = min(remaining, rest.count)
                key.apply(to: UnsafeMutableRawBufferPointer(rebasing: rest[..<count]))
                remaining -= count
                offset += count
            } else {
                offset += readHeader(rest)
            }
        }
    }

    private mutating func readHeader(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        do {
            let (header, consumed) = try headerReader.read(bytes.bytes)
            if let header {
                remaining = header.payloadLength
                // Without a key the frame is refused when the decoder gets there, so nothing after it counts.
                isStopped = header.maskingKey == nil
                key = header.maskingKey ?? key
            }
            return consumed
        } catch {
            // The decoder meets the same fault when it gets here, and reports it after what came before.
            isStopped = true
            return bytes.count
        }
    }
}
