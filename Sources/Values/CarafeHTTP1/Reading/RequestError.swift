/// Why a request cannot be read; after it the connection has no known position in its bytes and has to be closed.
package struct RequestError: Error, Equatable, CustomStringConvertible {
    /// The status of the answer: 400, 413, 414, 417, 431, 501 or 505.
    package let status: Int
    /// The expected and the found, in printable ASCII and without any text that the client chose; at most
    /// a single byte of it is shown.
    package let reason: String

    package init(status: Int, reason: String) {
        self.status = status
        self.reason = reason
    }

    package var description: String { "\(status): \(reason)" }
}

extension RequestError {
    static func badRequest(_ reason: String) -> RequestError { RequestError(status: 400, reason: reason) }

    /// 400 for a byte that may not stand where it was found.
    @inline(never)
    static func badRequest(_ place: StaticString, expected: StaticString, found byte: UInt8) -> RequestError {
        badRequest("\(place): expected \(expected), found \(name(of: byte))")
    }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case .carriageReturn: "a CR without LF"
        case .lineFeed: "an LF without CR"
        case .space: "a space"
        case .tab: "a tab"
        // Only letters and digits are shown, so that a page or a log can show a reason without escaping it.
        case let byte where byte.isDigit || byte.lowercased &- UInt8(ascii: "a") < 26:
            "the character \(Character(UnicodeScalar(byte)))"
        default: "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
