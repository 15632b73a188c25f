import FoundationEssentials

extension DecodingError {
    /// The field of the JSON that does not fit, with the reason, in a text that may be shown to a client.
    public var explanation: String { explanation(in: "JSON") }

    /// Returns the explanation for another format, which the text names.
    package func explanation(in format: String) -> String {
        let context: Context?
        let problem: String
        switch self {
        case .keyNotFound(let key, let place):
            (context, problem) = (place, "the field \"\(key.stringValue)\" is missing")
        case .typeMismatch(let type, let place): (context, problem) = (place, "expected \(Self.word(for: type))")
        case .valueNotFound(let type, let place):
            (context, problem) = (place, "expected \(Self.word(for: type)), found null")
        case .dataCorrupted(let place):
            (context, problem) = (place, place.codingPath.isEmpty ? "expected \(format)" : "not a valid value")
        @unknown default: (context, problem) = (nil, "expected \(format)")
        }
        let path =
            context?.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") ?? ""
        return path.isEmpty ? "Invalid \(format): \(problem)." : "Invalid \(format) at \(path): \(problem)."
    }

    private static func word(for type: Any.Type) -> String {
        switch type {
        case let type as any (CaseIterable & RawRepresentable).Type: "one of \(cases(of: type))"
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Date.Type: "a date such as \(DateText.example)"
        case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "a number"
        // A dictionary is a collection too.
        case is any ExpressibleByDictionaryLiteral.Type: "an object"
        case is any Collection.Type: "a list"
        default: "an object"
        }
    }

    /// The texts that an enumeration accepts: `red, green`.
    private static func cases<Value: CaseIterable & RawRepresentable>(of type: Value.Type) -> String {
        type.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
    }
}
