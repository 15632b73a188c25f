/// A header field's value that is a list: elements between commas (RFC 9110 §5.6.1).
struct FieldList: Sequence {
    private let value: String

    init(_ value: String?) {
        self.value = value ?? ""
    }

    /// The elements without the white space around them; empty elements are skipped.
    func makeIterator() -> some IteratorProtocol<String> {
        // By bytes: a comma and a combining mark after it are one `Character`.
        value.utf8.split(separator: UInt8(ascii: ",")).lazy.map { Substring($0).trimmed }.filter { !$0.isEmpty }
            .makeIterator()
    }

    /// The elements of a list of one or more tokens (`1#token`); nil for another text.
    var tokens: [String]? {
        let elements = Array(self)
        return elements.isEmpty || !elements.allSatisfy(\.isToken) ? nil : elements
    }

    /// Whether the token is in the list, in whatever case (RFC 6455 §4.2.1); `token` is in lower case.
    func contains(token: String) -> Bool {
        contains { $0.isToken(token) }
    }
}

extension String {
    /// Whether it is this token, in whatever case; `token` is in lower case.
    func isToken(_ token: String) -> Bool {
        utf8.elementsEqual(token.utf8) { $0 == $1 || $0 >= 0x41 && $0 <= 0x5A && $0 | 0x20 == $1 }
    }

    /// RFC 9110 §5.6.2.
    var isToken: Bool { !isEmpty && utf8.allSatisfy(\.isTokenByte) }
}

extension UInt8 {
    /// RFC 9110 §5.6.2: `tchar`.
    var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}

extension StringProtocol {
    /// Without the spaces and tabs that RFC 9110 §5.5 lets stand around a value.
    var trimmed: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let start = utf8.firstIndex { !isSpace($0) } ?? endIndex
        let spaces = utf8[start...].reversed().prefix(while: isSpace).count
        return String(Substring(self)[start...].utf8.dropLast(spaces)) ?? ""
    }
}
