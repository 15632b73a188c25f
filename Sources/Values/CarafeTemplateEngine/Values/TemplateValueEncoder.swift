extension TemplateValue {
    /// Makes a value of anything that can be encoded.
    ///
    /// A nil property becomes ``null``, not a missing key. An unsigned integer above `Int.max` throws an
    /// `EncodingError`; so does whatever the type's own `encode(to:)` refuses. A type is encoded by its own
    /// `encode(to:)`, unless it is a `TemplateScalar`.
    public init(encoding value: some Encodable) throws {
        self = try TemplateValueEncoder(parent: nil, key: nil).encode(value)
    }

    /// Makes an ``object(_:)`` whose members need not be of one type.
    public init(encoding members: [String: any Encodable]) throws {
        var object: [String: TemplateValue] = [:]
        object.reserveCapacity(members.count)
        for (key, member) in members {
            let encoder = TemplateValueEncoder(parent: nil, key: TemplateCodingKey(stringValue: key))
            object[key] = try encoder.encode(member)
        }
        self = .object(object)
    }
}

/// Collects what one value encodes; containers share it by reference, as `Encoder` demands.
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

    /// The path up to the key, where there is no parent.
    private let prefix: [any CodingKey]

    init(parent: TemplateValueEncoder?, key: (any CodingKey)?, prefix: [any CodingKey] = []) {
        self.parent = parent
        self.key = key
        self.prefix = prefix
    }

    /// Computed, because only an error asks for it.
    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? prefix) + (key.map { [$0] } ?? [])
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// What was encoded so far; null when nothing was.
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

    /// An encoder for a container inside this one, which keeps it. It has no parent: the two would hold each other.
    func nested(_ key: any CodingKey) -> TemplateValueEncoder {
        TemplateValueEncoder(parent: nil, key: key, prefix: codingPath)
    }

    /// Encodes a whole value in this encoder's place.
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

    /// Encodes a member or element; the usual scalar needs no encoder of its own.
    func encode(_ value: some Encodable, at key: @autoclosure () -> any CodingKey) throws -> TemplateValue {
        if let value = (value as? any TemplateScalar)?.templateValue { return value }
        return try TemplateValueEncoder(parent: self, key: key()).encode(value)
    }
}

/// A key that is not known before the program runs.
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
