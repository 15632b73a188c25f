extension TemplateValue {
    /// Creates a value from anything that can be encoded.
    ///
    /// A nil property becomes ``null``, not a missing key. A type is encoded by its own `encode(to:)`, unless it is a
    /// `TemplateScalar`.
    ///
    /// - Throws: `EncodingError` for an unsigned integer above `Int.max`, and the errors of the type's own
    ///   `encode(to:)`.
    package init(encoding value: some Encodable) throws {
        self = try TemplateValueEncoder(parent: nil, key: nil).encode(value)
    }

    /// Creates an ``object(_:)`` whose members may be of different types.
    ///
    /// - Throws: As `init(encoding:)` of a value.
    package init(encoding members: [String: any Encodable]) throws {
        var object: [String: TemplateValue] = [:]
        object.reserveCapacity(members.count)
        for (key, member) in members {
            let encoder = TemplateValueEncoder(parent: nil, key: TemplateCodingKey(stringValue: key))
            object[key] = try encoder.encode(member)
        }
        self = .object(object)
    }
}

/// An encoder that collects the parts of one value. Containers share it by reference, as `Encoder` requires.
final class TemplateValueEncoder: Encoder {
    /// A member or element: known, or still open in another encoder.
    enum Part {
        case value(TemplateValue)
        case encoder(TemplateValueEncoder)

        var value: TemplateValue {
            switch self {
            case .value(let value): value
            case .encoder(let encoder): encoder.value
            }
        }
    }

    // Three properties instead of one enumeration, so that a growing collection is changed in place.
    var members: [String: Part]?
    var elements: [Part]?
    var single: TemplateValue?

    private let parent: TemplateValueEncoder?
    private let key: (any CodingKey)?

    /// The path up to the key, for an encoder without a parent.
    private let prefix: [any CodingKey]

    init(parent: TemplateValueEncoder?, key: (any CodingKey)?, prefix: [any CodingKey] = []) {
        self.parent = parent
        self.key = key
        self.prefix = prefix
    }

    /// Computed, because only errors need it.
    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? prefix) + (key.map { [$0] } ?? [])
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The value encoded so far; null if nothing was.
    var value: TemplateValue {
        if let members { return .object(members.mapValues(\.value)) }
        if let elements { return .array(elements.map(\.value)) }
        return single ?? .null
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if members == nil { members = [:] }
        return KeyedEncodingContainer(TemplateObjectContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if elements == nil { elements = [] }
        return TemplateArrayContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        TemplateSingleContainer(encoder: self)
    }

    /// Returns an encoder for a container inside this one, which keeps it. It has no parent, because the two would
    /// retain each other.
    func nested(_ key: any CodingKey) -> TemplateValueEncoder {
        TemplateValueEncoder(parent: nil, key: key, prefix: codingPath)
    }

    /// Encodes a whole value in place of this encoder's.
    func encode(_ value: some Encodable) throws -> TemplateValue {
        guard let scalar = value as? any TemplateScalar else {
            try value.encode(to: self)
            return self.value
        }
        guard let value = scalar.templateValue else {
            let message = "expected an integer up to \(Int.max), found \(scalar); give it as a text"
            throw EncodingError.invalidValue(scalar, .init(codingPath: codingPath, debugDescription: message))
        }
        return value
    }

    /// Encodes a member or element. A scalar usually needs no encoder of its own.
    func encode(_ value: some Encodable, at key: @autoclosure () -> any CodingKey) throws -> TemplateValue {
        if let value = (value as? any TemplateScalar)?.templateValue { return value }
        return try TemplateValueEncoder(parent: self, key: key()).encode(value)
    }
}

/// A coding key that is known at run time only.
struct TemplateCodingKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init(intValue: Int) {
        self.intValue = intValue
        stringValue = intValue.description
    }
}
