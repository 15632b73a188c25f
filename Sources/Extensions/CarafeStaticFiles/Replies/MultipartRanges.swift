import CarafeApp
import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// Several ranges of a file in one response (RFC 9110 §14.6).
struct MultipartRanges {
    /// The largest number of bytes of a part that are in memory at a time.
    private static let pieceLength = 256 << 10

    let file: Representation
    let ranges: [Range<Int>]

    func response() -> Response {
        // RFC 2046 §5.1.1: the boundary must not occur in the file; 128 random bits will not.
        let boundary =
            String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        let type = file.fields[.contentType] ?? ""
        var headers = file.fields
        headers[.contentType] = "multipart/byteranges; boundary=\(boundary)"
        return Response(.partialContent, headers: headers) { [file, ranges] writer in
            for range in ranges {
                let content = range.contentRange(of: file.status.size)
                var piece = ByteBuffer(
                    string: "\r\n--\(boundary)\r\nContent-Type: \(type)\r\nContent-Range: \(content)\r\n\r\n")
                var next = range.lowerBound
                while next < range.upperBound {
                    let end = min(next + Self.pieceLength, range.upperBound)
                    var bytes = file.read(next..<end)
                    guard bytes.readableBytes == end - next else { throw ShortenedFileError() }
                    piece.writeBuffer(&bytes)
                    try await writer.write(piece)
                    piece.clear()
                    next = end
                }
            }
            try await writer.write("\r\n--\(boundary)--\r\n")
        }
    }
}

/// An error for a file that has become shorter while it was sent.
private struct ShortenedFileError: Error {}
