package import NIOCore

/// Reads the head of one response strictly (RFC 9112): bytes in, head out.
///
/// It is for a client that asks to leave HTTP, and so for heads only. It holds no bytes: those that it cannot use yet
/// stay in the caller's buffer, to which the caller appends.
package struct ResponseHeadReader: Sendable {
    private let limit: Int
    private var status: Int?
    private var lineLength = 0
    private var fields = FieldLineScanner()

    /// - Parameter limit: the longest head in bytes.
    package init(limit: Int = 16 << 10) { self.limit = limit }

    /// The head, consuming its bytes, or nil when more bytes are needed.
    package mutating func read(_ bytes: inout ByteBuffer) throws(ResponseError) -> ResponseHead? {
        guard let status = try readStatus(bytes.readableBytesSpan), try readFields(bytes.readableBytesSpan) else {
            return nil
        }
        // The last two bytes are the empty line.
        let section = fields.position - lineLength - 2
        bytes.moveReaderIndex(forwardBy: lineLength)
        guard let lines = bytes.readSlice(length: section) else { return nil }
        bytes.moveReaderIndex(forwardBy: 2)
        return ResponseHead(status: status, fields: FieldLines(lines))
    }

    /// RFC 9112 §4: `HTTP-version SP status-code SP [ reason-phrase ]`; the reason is for people and not looked at.
    private mutating func readStatus(_ bytes: RawSpan) throws(ResponseError) -> Int? {
        if let status { return status }
        guard let end = bytes.first(.lineFeed, in: 0..<min(bytes.byteCount, limit)) else {
            guard bytes.byteCount < limit else { throw tooLong }
            return nil
        }
        // RFC 9112 §2.3: a client takes any minor version of HTTP/1.
        guard end >= 13, bytes.equals("HTTP/1.", in: 0..<7), bytes[7].isDigit, bytes[8] == .space,
            (9..<12).allSatisfy({ bytes[$0].isDigit }), bytes[12] == .space || end == 13,
            bytes[end - 1] == .carriageReturn
        else { throw ResponseError(reason: "expected a status line of HTTP/1.1") }
        lineLength = end + 1
        fields = FieldLineScanner(at: lineLength)
        status = (9..<12).reduce(0) { $0 * 10 + Int(bytes[$1] - UInt8(ascii: "0")) }
        return status
    }

    /// Whether the section is complete.
    private mutating func readFields(_ bytes: RawSpan) throws(ResponseError) -> Bool {
        do {
            while true {
                switch try fields.next(bytes, limit: limit - lineLength, countLimit: .max) {
                case .line: continue
                case .incomplete: return false
                case .end: return true
                }
            }
        } catch {
            throw ResponseError(reason: error.reason)
        }
    }

    private var tooLong: ResponseError {
        ResponseError(reason: "expected a response head of at most \(limit) bytes, found more")
    }
}
