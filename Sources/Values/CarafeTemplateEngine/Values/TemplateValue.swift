/// A value that a template can show.
package enum TemplateValue: Sendable, Equatable {
    /// Nothing: written as an empty text, or as `null` in JSON.
    case null
    /// Written as `true` or `false`.
    case bool(Bool)
    /// Written in decimal digits.
    case int(Int)
    /// Written as Swift prints it: the shortest digits that read back as the same number.
    case double(Double)
    /// Written unchanged, but for the escaping of the filter.
    case string(String)
    /// Written as JSON only. Its elements are reached by index, from 0.
    case array([TemplateValue])
    /// Written as JSON only, with sorted keys. Its members are reached by key.
    case object([String: TemplateValue])

    /// The unescaped text of a text, number or boolean; nil for other values.
    var text: String? {
        switch self {
        case .null: ""
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): int.description
        case .double(let double): double.description
        case .string(let text): text
        case .array, .object: nil
        }
    }

    /// The kind of the value, for an error message.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a text"
        case .array(let elements):
            elements.count == 1 ? "an array of 1 element" : "an array of \(elements.count) elements"
        case .object(let members):
            members.isEmpty ? "an object without keys" : "an object with the keys \(members.keys.listed)"
        }
    }
}

extension TemplateValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Creates ``null``.
    package init(nilLiteral: ()) {
        self = .null
    }

    /// Creates a ``bool(_:)``.
    package init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    /// Creates an ``int(_:)``.
    package init(integerLiteral value: Int) {
        self = .int(value)
    }

    /// Creates a ``double(_:)``.
    package init(floatLiteral value: Double) {
        self = .double(value)
    }

    /// Creates a ``string(_:)``.
    package init(stringLiteral value: String) {
        self = .string(value)
    }

    /// Creates an ``array(_:)``.
    package init(arrayLiteral elements: TemplateValue...) {
        self = .array(elements)
    }

    /// Creates an ``object(_:)``. If a key is given twice, the last value stays.
    package init(dictionaryLiteral members: (String, TemplateValue)...) {
        self = .object(Dictionary(members) { $1 })
    }
}

extension TemplateValue: Encodable {
    /// Encodes the value itself, so that it may be part of a larger context.
    ///
    /// - Throws: The error of the encoder.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let bool): try container.encode(bool)
        case .int(let int): try container.encode(int)
        case .double(let double): try container.encode(double)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}
