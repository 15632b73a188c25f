/// A header field's value that is a list: elements between commas (RFC 9110 §5.6.1).
struct FieldList: Sequence {
    private let value: String

    init(_ value: String?) {
        self.value = value ?? ""
    }

    /// The elements without the white space around them; empty elements are skipped.
    func makeIterator() -> some IteratorProtocol<String> {
        value.split(separator: ",").lazy.map(\.trimmed).filter { !$0.isEmpty }.makeIterator()
    }

    /// Whether the token is in the list, in whatever case (RFC 6455 §4.2.1).
    func contains(token: String) -> Bool {
        contains { $0.lowercased() == token }
    }
}

extension StringProtocol {
    /// Without the spaces and tabs that RFC 9110 §5.5 lets stand around a value.
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isSpace)
        let spaces = start.reversed().prefix(while: isSpace).count
        return String(start.dropLast(spaces))
    }
}
