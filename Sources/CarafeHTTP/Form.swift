import HTTPTypes

/// Names and values as a form sends them (application/x-www-form-urlencoded), of a query or a body.
public struct Form: Sendable, Equatable {
    /// The pairs in the order they came; a name may stand more than once.
    public var pairs: [(name: String, value: String)]

    /// Reads `a=1&b=%20&a=2`; a pair that is not UTF-8 or has a broken escape is left out.
    public init(_ text: some StringProtocol) {
        pairs = text.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(parts[0], plusIsSpace: true),
                let value = parts.count == 2 ? percentDecoded(parts[1], plusIsSpace: true) : ""
            else { return nil }
            return (name, value)
        }
    }

    /// The first value of a name.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values of a name.
    public subscript(values name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// A value of your own type, whose properties are named as the fields are; throws 400 with the field that is wrong.
    ///
    /// Texts, numbers, `Bool` (a box that is not ticked is false), enumerations, optionals (nil where nothing was filled
    /// in) and arrays (all values of a name).
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try Value(from: FormDecoder(self))
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, error.explanation(in: "form"))
        }
    }

    public static func == (left: Form, right: Form) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }
}
