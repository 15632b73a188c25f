/// A plugin, which uses the same public calls as the author of an app.
///
/// ```swift
/// struct Hello: Extension {
///     func install(in app: inout App) {
///         app.get("/hello") { _ in "Hello!" }
///     }
/// }
/// ```
public protocol Extension: Sendable {
    /// The name under which an extension can be installed once: the type's name, unless several of a type can coexist.
    var name: String { get }

    /// Adds routes, middleware and hooks. `app.install(_:)` calls it once.
    func install(in app: inout App) throws

    /// Validates the complete app. It is called when the app is built.
    func check(_ app: App) throws

    /// Keeps resources open while the app is served.
    ///
    /// - Parameter serve: Serves the app until it is told to stop; an implementation calls it exactly once.
    func around(_ serve: Serve) async throws
}

extension Extension {
    /// The name of the type.
    public var name: String { String(describing: Self.self) }

    /// Finds nothing.
    public func check(_ app: App) {}

    /// Serves, without anything around it.
    ///
    /// - Throws: The error of `serve`.
    public func around(_ serve: Serve) async throws {
        try await serve()
    }
}

// A struct and not a function type: a package with other upcoming features spells that type differently, and its
// `around` would silently not be the requirement's.
/// Serves the app until it is told to stop. It is called like a function.
public struct Serve: Sendable {
    private let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) {
        self.body = body
    }

    /// Serves until the server has stopped.
    ///
    /// - Throws: The error that kept the app from being served.
    public func callAsFunction() async throws {
        try await body()
    }
}

/// An error for two extensions that cannot be in one app.
public struct ExtensionConflictError: Error, Equatable, CustomStringConvertible {
    /// The name that both have.
    public var name: String
    /// A description that says what to do.
    public var description: String { "the extension \(name) is installed already; install it once" }
}
