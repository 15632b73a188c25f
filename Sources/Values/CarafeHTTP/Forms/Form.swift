import HTTPTypes
package import NIOCore

/// The names and values of a form (application/x-www-form-urlencoded), in a query or a body.
public struct Form: Sendable, Equatable {
    /// The pairs in the order of the text. A name may occur more than once.
    public var pairs: [(name: String, value: String)]

    /// The longest name of a field in a body, in bytes.
    // A dictionary hashes up to a thousand names of a form; `JSONKeys` says what that may cost.
    package static let nameLimit = 256

    /// Creates a form by hand.
    public init(pairs: [(name: String, value: String)] = []) {
        self.pairs = pairs
    }

    /// Parses `a=1&b=%20&a=2` (WHATWG URL §5.1). A `%` that begins no escape stays, and bytes that are not UTF-8 become
    /// U+FFFD.
    public init(_ text: some StringProtocol) {
        pairs = Self.pairs(in: text.utf8).map { (Self.decoded($0.name), Self.decoded($0.value)) }
    }

    /// Parses a body; bytes that are not UTF-8 become U+FFFD.
    package init(_ bytes: ByteBuffer) {
        pairs = Self.pairs(in: bytes.readableBytesView).map { (Self.decoded($0.name), Self.decoded($0.value)) }
    }

    /// Returns the first value of a name in a body, without decoding the other values.
    package static func first(_ name: String, in bytes: ByteBuffer) -> String? {
        pairs(in: bytes.readableBytesView).first { decoded($0.name).hasBytes(of: name) }.map { decoded($0.value) }
    }

    /// The pairs, still encoded. An empty sequence is skipped, and one without `=` has an empty value.
    private static func pairs<Bytes: Collection<UInt8>>(
        in bytes: Bytes
    ) -> some Sequence<(name: Bytes.SubSequence, value: Bytes.SubSequence)> {
        sequence(state: bytes[...]) { rest -> Bytes.SubSequence? in
            rest = rest.drop { $0 == UInt8(ascii: "&") }
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.drop { $0 != UInt8(ascii: "&") } }
            return rest.prefix { $0 != UInt8(ascii: "&") }
        }.lazy.map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            return (pair[..<equals], pair[equals...].dropFirst())
        }
    }

    private static func decoded(_ text: some Collection<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(\.hexValue)
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first value of a name.
    public subscript(name: String) -> String? { pairs.first { $0.name.hasBytes(of: name) }?.value }

    /// All values of a name.
    public subscript(values name: String) -> [String] { pairs.filter { $0.name.hasBytes(of: name) }.map(\.value) }

    /// Decodes a value of your own type, whose properties have the names of the fields.
    ///
    /// Properties may be texts, numbers, `Bool` (a box that is not ticked is false), enumerations, optionals (nil for
    /// an empty field) and arrays (all values of a name, or of the name followed by `[]`).
    ///
    /// - Parameter type: The type of the value.
    /// - Returns: The value.
    /// - Throws: `HTTPError` 400, which names the field that does not fit.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try Value(from: FormDecoder(self))
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, error.explanation(in: "form"))
        }
    }

    /// Returns whether two forms have the same fields in the same order.
    public static func == (left: Form, right: Form) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.name.hasBytes(of: $1.name) && $0.value.hasBytes(of: $1.value) }
    }
}
