/// The value of a `Set-Cookie` field, read as browsers read it (RFC 6265bis §5.6).
package struct SetCookieField {
    /// The name; empty for a field without one.
    package let name: Substring
    package let value: Substring
    private let attributes: [(name: Substring, value: Substring)]

    package init(_ field: String) {
        let parts = field[...].bytes(splitAt: ";")
        let pair = Self.pair(parts[0])
        // §5.6: without an equals sign the whole field is the value.
        (name, value) = pair.value.map { (pair.name, $0) } ?? ("", pair.name)
        attributes = parts.dropFirst().map(Self.pair).map { ($0.name, $0.value ?? "") }
    }

    /// The last value of an attribute, empty for an attribute without one. Values over 1024 bytes are ignored.
    package subscript(attribute: String) -> Substring? {
        attributes.last { $0.name.hasBytesIgnoringCase(of: attribute) && $0.value.utf8.count <= 1024 }?.value
    }

    private static func pair(_ text: Substring) -> (name: Substring, value: Substring?) {
        let parts = text.bytes(splitAt: "=", maxSplits: 1).map { FieldValue.trimmed($0) }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }
}
