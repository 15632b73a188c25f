/// The value of a field that is a list of tokens, such as `Upgrade` and `Connection` (RFC 9110 §5.6.1).
package struct TokenList: Sequence {
    private let value: String

    /// Creates a list from a value in lower case: these tokens are case-insensitive.
    package init(_ value: String) {
        self.value = value
    }

    /// The tokens without the white space around them; empty elements are skipped.
    package func makeIterator() -> some IteratorProtocol<String> {
        value.split(separator: ",").lazy.map { element in
            let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
            let rest = element.drop(while: isSpace)
            return String(rest.prefix(rest.count - rest.reversed().prefix(while: isSpace).count))
        }.filter { !$0.isEmpty }.makeIterator()
    }
}
