/// The value of Transfer-Encoding: RFC 9112 §6.1.
enum TransferEncoding {
    /// Throws unless the value is exactly "chunked": 501 for other codings that end in it, 400 for everything else.
    static func requireChunked(_ bytes: RawSpan, _ value: Range<Int>) throws(RequestError) {
        if bytes.matches("chunked", in: value) { return }
        guard isUnknownCodingsThenChunked(bytes, value) else {
            // RFC 9112 §6.3: when chunked is not the final coding, the length is unknown, and the answer is 400.
            throw .badRequest("Transfer-Encoding: expected chunked, found another value")
        }
        // RFC 9112 §6.1: 501 for a coding that the server does not understand.
        throw RequestError(status: 501, reason: "Transfer-Encoding: expected only chunked, found other codings too")
    }

    private static func isUnknownCodingsThenChunked(_ bytes: RawSpan, _ value: Range<Int>) -> Bool {
        var rest = value
        var count = 0
        var endsInChunked = false
        while let coding = bytes.nextElement(of: &rest) {
            // RFC 9112 §7.1: chunked has no parameters; §6.1: it is applied once, and last; "identity" was withdrawn
            // by RFC 7230.
            guard !endsInChunked, bytes.first(outside: .token, in: coding) == coding.upperBound,
                !bytes.matches("identity", in: coding)
            else { return false }
            endsInChunked = bytes.matches("chunked", in: coding)
            count += 1
        }
        return endsInChunked && count > 1
    }
}
