/// A template engine. Carafe's own is one, and another can take its place.
public protocol TemplateRenderer: Sendable {
    /// Renders a template with values.
    func render(_ name: String, _ values: TemplateValues) throws -> String

    /// Renders a template with values and the app's functions. An engine without calls does not implement it.
    func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String

    /// Returns the names of the functions that a template may call. Their preparations run before it is rendered. An
    /// engine without calls does not implement it.
    func functions(of name: String) -> Set<String>
}

extension TemplateRenderer {
    /// Renders the template without functions.
    ///
    /// - Throws: The error of the engine.
    public func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String {
        try render(name, values)
    }

    /// Returns no names.
    public func functions(of name: String) -> Set<String> { [] }
}

/// The values of a template: named ones, or one value whose properties are the names.
public enum TemplateValues: Sendable {
    case named([String: any Encodable & Sendable])
    case one(any Encodable & Sendable)

    /// The dictionary or the value itself, for engines that use reflection.
    public var object: Any {
        switch self {
        case .named(let values): values
        case .one(let value): value
        }
    }
}
