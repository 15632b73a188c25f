import HTTPTypes
import NIOCore

/// The delimiter between parts: CRLF, two hyphens and the boundary (RFC 2046 §5.1.1).
package struct Delimiter: Sendable {
    let bytes: [UInt8]

    /// The place of a delimiter, or the offset before which there is certainly no delimiter.
    enum Place: Equatable {
        case at(Int)
        case notBefore(Int)
    }

    /// Creates the delimiter of a body.
    ///
    /// - Parameter contentType: The value of Content-Type.
    /// - Throws: 415 for a type other than multipart/form-data, and 400 for an invalid boundary.
    package init(contentType: String?) throws(HTTPError) {
        let type = ParameterizedValue(contentType?[...] ?? "")
        guard type.value == "multipart/form-data" else {
            throw HTTPError(.unsupportedMediaType, "Expected multipart/form-data.")
        }
        guard let boundary = type["boundary"], Self.isBoundary(boundary.utf8) else {
            throw HTTPError(.badRequest, "Expected a boundary of 1 to 70 characters.")
        }
        bytes = Array("\r\n--".utf8) + boundary.utf8
    }

    /// RFC 2046 §5.1.1: `boundary := 0*69<bchars> bcharsnospace`.
    private static func isBoundary(_ text: String.UTF8View) -> Bool {
        (1...70).contains(text.count) && text.last != UInt8(ascii: " ")
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }

    /// Finds the first delimiter.
    ///
    /// Each byte is read once: a boundary has no CR, so a false start does not contain the start of another delimiter.
    func find(in buffer: ByteBuffer) -> Place {
        // The pointer does not leave this call; it reads many times faster than the buffer's view.
        buffer.withUnsafeReadableBytes { input in
            var start = 0
            while let found = input[start...].firstIndex(of: UInt8(ascii: "\r")) {
                var length = 1
                while length < bytes.count, found + length < input.count, input[found + length] == bytes[length] {
                    length += 1
                }
                if length == bytes.count { return .at(found) }
                if found + length == input.count { return .notBefore(found) }
                start = found + length
            }
            return .notBefore(input.count)
        }
    }
}
