/// The fields of a header section that control the connection and the framing, noted line by line.
///
/// It knows only the six fields that decide how the request and the connection are read.
struct ControlFields: Sendable {
    /// The range of Host's value, in the bytes given to `note`.
    private(set) var host: Range<Int>?
    private var contentLength: Int?
    private var isChunked = false
    private var connectionOptions: ConnectionOptions = []
    private var hasUpgrade = false
    private var expectsContinue = false

    private struct ConnectionOptions: OptionSet {
        let rawValue: UInt8
        static let close = ConnectionOptions(rawValue: 1)
        static let keepAlive = ConnectionOptions(rawValue: 2)
        static let upgrade = ConnectionOptions(rawValue: 4)
    }

    /// Notes a line when its field is one of the six.
    @inline(__always)
    mutating func note(_ bytes: RawSpan, name: Range<Int>, value: Range<Int>, minorVersion: Int)
        throws(RequestError)
    {
        // The length alone sends away most of a browser's fields, and then mostly the first letter does.
        switch name.count {
        case 4 where bytes.matches("host", in: name):
            try noteHost(bytes, bytes.trimmed(value))
        case 6 where minorVersion > 0 && bytes.matches("expect", in: name):
            try noteExpect(bytes, bytes.trimmed(value))
        case 7 where bytes.matches("upgrade", in: name):
            hasUpgrade = hasUpgrade || !bytes.trimmed(value).isEmpty
        case 10 where bytes.matches("connection", in: name):
            try noteConnection(bytes, bytes.trimmed(value))
        case 14 where bytes.matches("content-length", in: name):
            try noteContentLength(bytes, bytes.trimmed(value))
        case 17 where bytes.matches("transfer-encoding", in: name):
            try noteTransferEncoding(bytes, bytes.trimmed(value), minorVersion: minorVersion)
        default: break
        }
    }

    /// RFC 9112 §3.2: 400 for a second Host or an invalid one.
    private mutating func noteHost(_ bytes: RawSpan, _ value: Range<Int>) throws(RequestError) {
        guard host == nil else { throw .badRequest("Host: expected one, found a second") }
        guard Authority.isValid(bytes, value) else {
            throw .badRequest("Host: expected a host and perhaps a port, found an empty or invalid value")
        }
        host = value
    }

    /// RFC 9110 §10.1.1: 417 for every other expectation; one in HTTP/1.0 is ignored.
    private mutating func noteExpect(_ bytes: RawSpan, _ value: Range<Int>) throws(RequestError) {
        var rest = value
        while let expectation = bytes.nextElement(of: &rest) {
            guard bytes.matches("100-continue", in: expectation) else {
                throw RequestError(status: 417, reason: "Expect: expected 100-continue, found another expectation")
            }
            expectsContinue = true
        }
    }

    /// RFC 9110 §7.6.1: a list of tokens, which may be spread over several lines.
    private mutating func noteConnection(_ bytes: RawSpan, _ value: Range<Int>) throws(RequestError) {
        var rest = value
        while let option = bytes.nextElement(of: &rest) {
            let invalid = bytes.first(outside: .token, in: option)
            guard invalid == option.upperBound else {
                throw .badRequest("Connection", expected: "a list of tokens", found: bytes[invalid])
            }
            if bytes.matches("close", in: option) { connectionOptions.insert(.close) }
            if bytes.matches("keep-alive", in: option) { connectionOptions.insert(.keepAlive) }
            if bytes.matches("upgrade", in: option) { connectionOptions.insert(.upgrade) }
        }
    }

    /// RFC 9110 §8.6: 1*DIGIT. A list of equal values might be repaired; it is a smuggler's tool, and is not.
    private mutating func noteContentLength(_ bytes: RawSpan, _ value: Range<Int>) throws(RequestError) {
        guard contentLength == nil else { throw .badRequest("Content-Length: expected one, found a second") }
        guard !isChunked else { throw Self.twoFramings }
        guard !value.isEmpty else { throw .badRequest("Content-Length: expected digits, found nothing") }
        var length = 0
        for offset in value {
            let byte = bytes[offset]
            guard byte.isDigit else { throw .badRequest("Content-Length", expected: "only digits", found: byte) }
            let (tens, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, secondOverflow) = tens.addingReportingOverflow(Int(byte &- UInt8(ascii: "0")))
            guard !overflow, !secondOverflow else {
                throw .badRequest("Content-Length: expected at most \(Int.max), found more")
            }
            length = sum
        }
        contentLength = length
    }

    private mutating func noteTransferEncoding(_ bytes: RawSpan, _ value: Range<Int>, minorVersion: Int)
        throws(RequestError)
    {
        // RFC 9112 §6.1: a Transfer-Encoding in HTTP/1.0 means that the framing is faulty.
        guard minorVersion > 0 else { throw .badRequest("Transfer-Encoding: expected none in HTTP/1.0, found one") }
        guard !isChunked else { throw .badRequest("Transfer-Encoding: expected one, found a second") }
        guard contentLength == nil else { throw Self.twoFramings }
        try TransferEncoding.requireChunked(bytes, value)
        isChunked = true
    }

    /// RFC 9112 §6.3: Content-Length with Transfer-Encoding might be an attempt at request smuggling.
    private static var twoFramings: RequestError {
        .badRequest("framing: expected Content-Length or Transfer-Encoding, found both")
    }

    /// The head of the request, now that the section is complete.
    // Inlined for the same reason as `HeadReader.read`.
    @inline(__always)
    func head(_ line: RequestLine, fields: FieldLines) throws(RequestError) -> RequestHead {
        let isCurrent = line.minorVersion > 0
        // RFC 9112 §3.2: 400 for an HTTP/1.1 request without Host.
        guard host != nil || !isCurrent else { throw .badRequest("Host: expected one in HTTP/1.1, found none") }
        let framing: RequestHead.Framing =
            isChunked ? .chunked : contentLength.map { .contentLength($0) } ?? .none
        let hasContent = isChunked || (contentLength ?? 0) > 0
        return RequestHead(
            method: line.method, target: line.target, targetForm: line.targetForm,
            minorVersion: line.minorVersion, fields: fields, framing: framing,
            keepAlive: !connectionOptions.contains(.close) && (isCurrent || connectionOptions.contains(.keepAlive)),
            expectsContinue: expectsContinue && hasContent,
            upgrade: isCurrent && hasUpgrade && connectionOptions.contains(.upgrade),
            targetAuthority: line.targetAuthority,
            hostValue: host.map { ($0.lowerBound - line.length)..<($0.upperBound - line.length) })
    }
}
