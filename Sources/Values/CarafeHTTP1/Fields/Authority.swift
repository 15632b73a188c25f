/// A host and perhaps a port: RFC 9110 §7.2, `Host = uri-host [ ":" port ]`, in the terms of RFC 3986 §3.2.
package enum Authority {
    package static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8Span.span.bytes
        return isValid(bytes, 0..<bytes.byteCount)
    }

    static func isValid(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        guard let first = range.first else { return false }
        let hostEnd: Int
        if bytes[first] == UInt8(ascii: "[") {
            guard let bracket = bytes.first(UInt8(ascii: "]"), in: range),
                IPv6Address.isValid(bytes, (first + 1)..<bracket)
            else { return false }
            hostEnd = bracket + 1
        } else {
            guard let end = registeredNameEnd(bytes, range), end > first else { return false }
            hostEnd = end
        }
        return isPort(bytes, hostEnd..<range.upperBound)
    }

    /// RFC 3986 §3.2.2: reg-name, of which an IPv4 address is a case; nil for a broken percent-encoding.
    private static func registeredNameEnd(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
        var offset = range.lowerBound
        while true {
            offset = bytes.first(outside: .registeredName, in: offset..<range.upperBound)
            guard offset < range.upperBound, bytes[offset] == UInt8(ascii: "%") else { return offset }
            guard range.upperBound - offset > 2, bytes[offset + 1].hexadecimalValue != nil,
                bytes[offset + 2].hexadecimalValue != nil
            else { return nil }
            offset += 3
        }
    }

    /// Nothing, or a colon and digits. RFC 3986 §3.2.3 allows no digits at all; a TCP port is below 65536.
    private static func isPort(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        guard let colon = range.first else { return true }
        guard bytes[colon] == UInt8(ascii: ":"), range.count <= 6 else { return false }
        var port = 0
        for offset in range.dropFirst() {
            guard bytes[offset].isDigit else { return false }
            port = port * 10 + Int(bytes[offset] - UInt8(ascii: "0"))
        }
        return port < 65536
    }
}
