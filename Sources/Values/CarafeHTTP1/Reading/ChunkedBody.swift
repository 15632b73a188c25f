import NIOCore

/// Takes the chunked transfer coding off a body: RFC 9112 §7.1.
struct ChunkedBody: Sendable {
    private var place = Place.line(ChunkLineScanner())
    private var extensionBytes = 0

    private enum Place: Sendable {
        case line(ChunkLineScanner)
        /// In a chunk's data, of which this many bytes are to come.
        case data(Int)
        case carriageReturn, lineFeed
        case trailers(FieldLineScanner)
    }

    enum Piece {
        case data(ByteBuffer)
        case end
    }

    /// The next piece of the content, consuming what it used; nil when more bytes are needed.
    mutating func next(_ bytes: inout ByteBuffer, limits: RequestReader.Limits) throws(RequestError) -> Piece? {
        while bytes.readableBytes > 0 {
            switch place {
            case .line(var line):
                place = try readLine(&line, &bytes, limit: limits.chunkExtensionBytes)
            case .data(let remaining):
                guard let data = bytes.readSlice(length: min(remaining, bytes.readableBytes)) else { return nil }
                let left = remaining - data.readableBytes
                place = left > 0 ? .data(left) : .carriageReturn
                return .data(data)
            case .carriageReturn:
                try Self.require(.carriageReturn, &bytes)
                place = .lineFeed
            case .lineFeed:
                try Self.require(.lineFeed, &bytes)
                place = .line(ChunkLineScanner())
            case .trailers(var trailers):
                let isComplete = try Self.scan(&trailers, bytes.readableBytesSpan, limits: limits)
                place = .trailers(trailers)
                guard isComplete else { return nil }
                bytes.moveReaderIndex(forwardBy: trailers.position)
                return .end
            }
        }
        return nil
    }

    private mutating func readLine(_ line: inout ChunkLineScanner, _ bytes: inout ByteBuffer, limit: Int)
        throws(RequestError) -> Place
    {
        while let byte = bytes.readInteger(as: UInt8.self) {
            let isComplete = try line.take(byte)
            // RFC 9112 §7.1.1: the total length of a request's extensions is to be limited, with a 4xx status.
            guard extensionBytes + line.extensionBytes <= limit else {
                throw RequestError(
                    status: 413, reason: "chunk extensions: expected at most \(limit) bytes, found more")
            }
            guard isComplete else { continue }
            extensionBytes += line.extensionBytes
            // RFC 9112 §7.1: the last chunk has the size 0 and no data; the trailer section follows.
            return line.size > 0 ? .data(line.size) : .trailers(FieldLineScanner())
        }
        return .line(line)
    }

    /// RFC 9112 §7.1: CRLF right after the data; anything else means that the size was wrong.
    private static func require(_ expected: UInt8, _ bytes: inout ByteBuffer) throws(RequestError) {
        guard let byte = bytes.readInteger(as: UInt8.self), byte != expected else { return }
        throw .badRequest("chunk data", expected: "CRLF at its end", found: byte)
    }

    /// Whether the trailer section is complete. RFC 9112 §7.1.2 lets the fields be discarded, and they are.
    private static func scan(_ trailers: inout FieldLineScanner, _ bytes: RawSpan, limits: RequestReader.Limits)
        throws(RequestError) -> Bool
    {
        while true {
            switch try trailers.next(bytes, limit: limits.trailerBytes, countLimit: limits.fieldCount) {
            case .incomplete: return false
            case .line: continue
            case .end: return true
            }
        }
    }
}
