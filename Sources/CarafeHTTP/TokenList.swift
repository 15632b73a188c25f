/// The value of an `Upgrade` field: protocols between commas, the client's favourite first (RFC 9110 §7.8).
package struct UpgradeList: Sequence {
    private let value: String

    /// `value` is in lower case: names of protocols are compared so.
    package init(_ value: String) {
        self.value = value
    }

    /// The protocols without the white space around them; empty elements are skipped (RFC 9110 §5.6.1).
    package func makeIterator() -> some IteratorProtocol<String> {
        value.split(separator: ",").lazy.map { element in
            let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
            let rest = element.drop(while: isSpace)
            return String(rest.prefix(rest.count - rest.reversed().prefix(while: isSpace).count))
        }.filter { !$0.isEmpty }.makeIterator()
    }
}
