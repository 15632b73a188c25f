/// A plugin. It uses the same public calls as the app's author.
public protocol Extension: Sendable {
    /// What may be installed once; the type's name unless several of a type can stand side by side.
    var name: String { get }

    /// Adds routes, middleware, hooks; called once, by `app.install`.
    func install(in app: inout App) throws

    /// Holds what must be open while the app serves; it must call `serve` once.
    func around(_ serve: @Sendable () async throws -> Void) async throws
}

extension Extension {
    public var name: String { String(describing: Self.self) }

    public func around(_ serve: @Sendable () async throws -> Void) async throws {
        try await serve()
    }
}

/// Two extensions that cannot be in one app.
public struct ExtensionConflict: Error, Equatable, CustomStringConvertible {
    public var name: String
    public var description: String { "the extension \(name) is installed already; install it once" }
}
