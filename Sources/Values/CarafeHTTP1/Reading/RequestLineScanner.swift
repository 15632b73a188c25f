/// Finds the parts of a request line as its bytes arrive: RFC 9112 §3, `method SP request-target SP HTTP-version CRLF`.
///
/// It looks at every byte of the method and the target once, however the line is split, and fails at the first byte
/// that cannot be right.
struct RequestLineScanner: Sendable {
    /// The first byte that it did not look at.
    private(set) var position = 0
    // 0 means: not found yet. Neither can end there.
    private var methodEnd = 0
    private var targetEnd = 0

    /// The longest of IANA's method names has 17 characters.
    private static let longestMethod = 32

    /// The line, or nil when more bytes are needed. `bytes` begins with the line, and has the bytes of earlier calls.
    mutating func scan(_ bytes: RawSpan, limit: Int) throws(RequestError) -> RequestLine? {
        let end = min(bytes.byteCount, max(limit, 0))
        if methodEnd == 0 { try scanMethod(bytes, end: end) }
        if methodEnd != 0, targetEnd == 0 { try scanTarget(bytes, end: end) }
        if targetEnd != 0, let minorVersion = try version(bytes, end: end) {
            return try RequestLine(
                bytes, method: 0..<methodEnd, target: (methodEnd + 1)..<targetEnd,
                minorVersion: minorVersion, length: targetEnd + 11)
        }
        // RFC 9112 §3: 414 for a target that is longer than what the server wants to parse.
        if bytes.byteCount >= limit {
            throw RequestError(status: 414, reason: "request line: expected at most \(limit) bytes, found more")
        }
        return nil
    }

    private mutating func scanMethod(_ bytes: RawSpan, end: Int) throws(RequestError) {
        position = bytes.first(outside: .token, in: position..<min(end, Self.longestMethod + 1))
        guard position <= Self.longestMethod else {
            // RFC 9112 §3: 501 for a method longer than any that the server implements.
            throw RequestError(
                status: 501, reason: "method: expected at most \(Self.longestMethod) characters, found more")
        }
        guard position < end else { return }
        guard bytes[position] == .space, position > 0 else {
            throw .badRequest("method", expected: "a token and one space", found: bytes[position])
        }
        // RFC 9112 §3.2.3: the authority-form is for CONNECT only, and so it is for proxies only.
        if bytes.equals("CONNECT", in: 0..<position) {
            throw RequestError(status: 501, reason: "method: CONNECT is for proxies")
        }
        methodEnd = position
        position += 1
    }

    private mutating func scanTarget(_ bytes: RawSpan, end: Int) throws(RequestError) {
        position = bytes.first(outside: .target, in: position..<end)
        guard position < end else { return }
        guard bytes[position] == .space, position > methodEnd + 1 else {
            throw .badRequest(
                "target", expected: "visible ASCII without a fragment, then one space", found: bytes[position])
        }
        targetEnd = position
        position += 1
    }

    /// RFC 9112 §2.3: HTTP-name is case-sensitive, and one digit stands on each side of the dot.
    private func version(_ bytes: RawSpan, end: Int) throws(RequestError) -> Int? {
        let start = targetEnd + 1
        if end - start >= 10, bytes.equals("HTTP/1.1\r\n", in: start..<(start + 10)) { return 1 }
        // Byte by byte, so that a wrong one fails before the rest of the line is there.
        for offset in start..<min(start + 10, end) {
            let byte = bytes[offset]
            switch offset - start {
            case 5 where byte.isDigit && byte != UInt8(ascii: "1"):
                // RFC 9110 §15.6.6: 505 for a major version that the server does not support.
                throw RequestError(status: 505, reason: "version: expected HTTP/1.0 or HTTP/1.1, found another")
            case 5 where byte.isDigit, 7 where byte.isDigit: continue
            case 0...4 where byte == Self.versionName[offset - start]: continue
            case 6 where byte == UInt8(ascii: "."): continue
            case 8 where byte == .carriageReturn, 9 where byte == .lineFeed: continue
            default: throw .badRequest("version", expected: "HTTP/1.0 or HTTP/1.1 and CRLF", found: byte)
            }
        }
        guard end - start >= 10 else { return nil }
        // RFC 9110 §2.5: a higher minor version is processed as the highest that the recipient knows.
        return bytes[start + 7] == UInt8(ascii: "0") ? 0 : 1
    }

    private static var versionName: [UInt8] { [0x48, 0x54, 0x54, 0x50, 0x2F] }  // "HTTP/"
}
