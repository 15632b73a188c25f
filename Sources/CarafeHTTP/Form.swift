import HTTPTypes

/// Names and values as a form sends them (application/x-www-form-urlencoded), of a query or a body.
public struct Form: Sendable, Equatable {
    /// The pairs in the order they came; a name may stand more than once.
    public var pairs: [(name: String, value: String)]

    /// The longest name of a field in a body, in bytes.
    // Whoever decodes into a dictionary hashes names, a thousand of them; see `JSONKeys` for what that may cost.
    package static let nameLimit = 256

    /// A form made by hand.
    public init(pairs: [(name: String, value: String)] = []) {
        self.pairs = pairs
    }

    /// Reads `a=1&b=%20&a=2`; a pair that is not UTF-8 or has a broken escape is left out.
    public init(_ text: some StringProtocol) {
        // By bytes: a separator and a character that joins with it are one `Character`.
        pairs = Substring(text).utf8.split(separator: UInt8(ascii: "&")).compactMap { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(Substring(parts[0]), plusIsSpace: true),
                let value = parts.count == 2 ? percentDecoded(Substring(parts[1]), plusIsSpace: true) : ""
            else { return nil }
            return (name, value)
        }
    }

    /// The first value of a name.
    public subscript(name: String) -> String? { pairs.first { Self.isSame($0.name, name) }?.value }

    /// All values of a name.
    public subscript(values name: String) -> [String] { pairs.filter { Self.isSame($0.name, name) }.map(\.value) }

    /// By bytes: comparing texts costs the square of their length in the worst case, which a client chooses.
    private static func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    /// A value of your own type, whose properties are named as the fields are; throws 400 with the field that is wrong.
    ///
    /// Texts, numbers, `Bool` (a box that is not ticked is false), enumerations, optionals (nil where nothing was filled
    /// in) and arrays (all values of a name, or of the name with `[]` after it).
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try Value(from: FormDecoder(self))
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, error.explanation(in: "form"))
        }
    }

    public static func == (left: Form, right: Form) -> Bool {
        left.pairs.elementsEqual(right.pairs) { isSame($0.name, $1.name) && isSame($0.value, $1.value) }
    }
}
