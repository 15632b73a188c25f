/// Checks the keys in JSON text before a decoder sees them.
///
/// A decoder hashes keys, and hashing text takes quadratic time in the worst case (long runs of combining marks), which
/// a client can choose: 17 seconds for a key of 256 KiB.
enum JSONKeys {
    /// The longest key in bytes. No real key is longer, and one of this length costs microseconds.
    static let limit = 1024

    /// Whether a key of an object is longer than `limit` bytes.
    static func areTooLong(in bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\"") else {
                index += 1
                continue
            }
            let start = index + 1
            index = end(ofString: start, in: bytes)
            if index - start > limit, isName(endingAt: index, in: bytes) { return true }
            index += 1
        }
        return false
    }

    /// The index of the closing quotation mark.
    private static func end(ofString start: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, bytes.count)
    }

    /// Whether a colon follows the string, so that it is a key (RFC 8259 §4).
    private static func isName(endingAt end: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        let next = bytes[min(end + 1, bytes.count)...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return next == UInt8(ascii: ":")
    }
}
