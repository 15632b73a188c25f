import NIOCore

@testable import CarafeHTTP

/// A part as a test expects it: its head in short, and its bytes.
struct ReadPart: Equatable, CustomStringConvertible {
    var name: String
    var fileName: String?
    var data = ByteBuffer()
    var isComplete = false

    var description: String { "\(name) \(fileName ?? "-") \(data.readableBytes) bytes \(isComplete)" }
}

/// A body with the boundary `b`.
func form(_ parts: [(disposition: String, data: String)], boundary: String = "b") -> String {
    parts.map { "--\(boundary)\r\nContent-Disposition: form-data; \($0.disposition)\r\n\r\n\($0.data)\r\n" }.joined()
        + "--\(boundary)--\r\n"
}

extension MultipartParser {
    static func make(boundary: String = "b", _ limits: MultipartParser.Limits = MultipartParser.Limits()) throws
        -> MultipartParser
    {
        MultipartParser(try Delimiter(contentType: "multipart/form-data; boundary=\"\(boundary)\""), limits)
    }

    /// Reads a body in the pieces that it comes in.
    static func read(
        _ pieces: [ByteBuffer], boundary: String = "b", _ limits: MultipartParser.Limits = MultipartParser.Limits()
    ) throws -> [ReadPart] {
        var parser = try make(boundary: boundary, limits)
        var parts: [ReadPart] = []
        for piece in pieces {
            parser.receive(piece)
            while let event = try parser.next() {
                switch event {
                case .head(let head): parts.append(ReadPart(name: head.name, fileName: head.fileName))
                case .data(let bytes): parts[parts.count - 1].data.writeImmutableBuffer(bytes)
                case .end: parts[parts.count - 1].isComplete = true
                }
            }
        }
        try parser.finish()
        return parts
    }

    static func read(
        _ text: String, boundary: String = "b", _ limits: MultipartParser.Limits = MultipartParser.Limits()
    ) throws -> [ReadPart] {
        try read([ByteBuffer(string: text)], boundary: boundary, limits)
    }
}
