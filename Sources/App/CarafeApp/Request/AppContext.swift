public import CarafeHTTP

/// The values that all requests of an app share. They are fixed when the app is built.
public final class AppContext: RequestContext {
    /// The app's values, its installed extensions among them, found by their type.
    public let values: Values
    /// The app's JSON coders.
    public let json: JSONCoders
    /// Whether error pages may show internal details.
    public let debug: Bool
    /// The functions that templates may call, by name.
    public let templateFunctions: [String: TemplateFunction]
    /// The preparations for these functions, by the same names.
    public let templatePreparations: [String: TemplatePreparation]
    /// The checks of calls of these functions, by the same names.
    public let templateChecks: [String: TemplateCheck]
    /// Returns the pattern of a request's route, if the app keeps the patterns.
    package let routePattern: @Sendable (Request) -> String?

    package init(
        values: Values = Values(), json: JSONCoders = .standard, debug: Bool = false,
        templateFunctions: [String: TemplateFunction] = [:],
        templatePreparations: [String: TemplatePreparation] = [:], templateChecks: [String: TemplateCheck] = [:],
        routePattern: @escaping @Sendable (Request) -> String? = { _ in nil }
    ) {
        self.values = values
        self.json = json
        self.debug = debug
        self.templateFunctions = templateFunctions
        self.templatePreparations = templatePreparations
        self.templateChecks = templateChecks
        self.routePattern = routePattern
    }

    package static let empty = AppContext()

    /// Returns the app's value of a type, such as an installed extension.
    ///
    /// - Throws: `MissingExtensionError`, which names the type, if the app has no such value.
    public func require<Wanted: Sendable>(_ type: Wanted.Type) throws(MissingExtensionError) -> Wanted {
        guard let found = values[type] else { throw MissingExtensionError(name: String(describing: type)) }
        return found
    }
}

/// An error for an extension that is needed and not installed.
public struct MissingExtensionError: Error, Equatable, CustomStringConvertible {
    /// The type that was looked up.
    public var name: String

    package init(name: String) {
        self.name = name
    }

    /// A description that says what to install.
    public var description: String {
        "the extension \(name) is not installed: call `try app.install(\(name)(…))` before it is needed"
    }
}
