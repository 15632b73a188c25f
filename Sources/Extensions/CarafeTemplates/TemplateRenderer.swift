/// A template engine; Carafe's own is one, and another can take its place.
public protocol TemplateRenderer: Sendable {
    /// The text of a template with these values in it.
    func render(_ name: String, _ values: TemplateValues) throws -> String

    /// The same with the app's functions at hand; an engine that knows no calls leaves it out.
    func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String

    /// The names of the functions that a template may call; their preparations run before it is rendered. An engine
    /// that knows no calls leaves it out.
    func functions(of name: String) -> Set<String>
}

extension TemplateRenderer {
    public func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String {
        try render(name, values)
    }

    public func functions(of name: String) -> Set<String> { [] }
}

/// What a template is filled with: named values, or one value whose properties are the names.
public enum TemplateValues: Sendable {
    case named([String: any Encodable & Sendable])
    case one(any Encodable & Sendable)

    /// The dictionary or the value itself, for engines that look into values by reflection.
    public var object: Any {
        switch self {
        case .named(let values): values
        case .one(let value): value
        }
    }
}
