/// A set of ASCII characters as two words: asking costs a shift and no memory access.
struct ByteSet {
    /// One bit for each of the bytes 0 to 63, and one for each of 64 to 127.
    let low, high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : high
        return byte < 128 && (word &>> UInt64(byte & 63)) & 1 == 1
    }

    // Written as numbers, not built from strings, so that the compiler folds them into the loops that ask;
    // ByteSetTests compares each with the characters that its RFC lists.

    /// RFC 9110 §5.6.2: tchar.
    @inline(__always)
    static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// Visible ASCII without "#". More than RFC 3986 allows, since browsers leave `|`, `^`, `{` and the like as they
    /// are in a query; a fragment is never part of a request target (RFC 9112 §3.2).
    @inline(__always)
    static var target: ByteSet { ByteSet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }

    /// RFC 3986 §3.2.2: a reg-name's unreserved characters and sub-delims, here without ",": in a Host field it is the
    /// sign of several values joined to one.
    @inline(__always)
    static var registeredName: ByteSet { ByteSet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}

extension UInt8 {
    /// The value of a hexadecimal digit, nil for every other byte.
    @inline(__always)
    var hexadecimalValue: Int? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    @inline(__always)
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// RFC 9110 §5.6.3: a character of optional or bad whitespace.
    @inline(__always)
    var isWhitespace: Bool { self == .space || self == .tab }

    /// The byte in lower case if it is an ASCII letter, else itself.
    @inline(__always)
    var lowercased: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }

    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
}
