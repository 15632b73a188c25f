/// HTML in which every interpolated text is escaped.
///
/// The escaping is right in an element and in an attribute value in double quotes (HTML §13.3).
struct Markup: Sendable, ExpressibleByStringInterpolation {
    private(set) var html: String

    init(stringLiteral html: StaticString) {
        self.html = "\(html)"
    }

    init(stringInterpolation: StringInterpolation) {
        html = stringInterpolation.html
    }

    init(joining pieces: some Sequence<Markup>) {
        html = pieces.map(\.html).joined()
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            html.reserveCapacity(literalCapacity)
        }

        mutating func appendLiteral(_ literal: StaticString) {
            html += "\(literal)"
        }

        mutating func appendInterpolation(_ markup: Markup) {
            html += markup.html
        }

        mutating func appendInterpolation(_ number: Int) {
            html += number.description
        }

        mutating func appendInterpolation(_ text: String) {
            // Not the template engine's escaping: that module stands alone, and an app needs no templates.
            // By bytes: comparing a client's text by characters may cost the square of its length.
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.utf8.count)
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "&"): bytes += "&amp;".utf8
                case UInt8(ascii: "<"): bytes += "&lt;".utf8
                case UInt8(ascii: ">"): bytes += "&gt;".utf8
                case UInt8(ascii: "\""): bytes += "&quot;".utf8
                default: bytes.append(byte)
                }
            }
            html += String(decoding: bytes, as: UTF8.self)
        }
    }
}
