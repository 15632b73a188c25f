/// A plugin. It uses the same public calls as the app's author.
public protocol Extension: Sendable {
    /// What may be installed once; the type's name unless several of a type can stand side by side.
    var name: String { get }

    /// Adds routes, middleware, hooks; called once, by `app.install`.
    func install(in app: inout App) throws

    /// Finds what is wrong with the whole app, when all of it is set up; called when the app is built.
    func check(_ app: App) throws

    /// Holds what must be open while the app serves; it must call `serve` once.
    func around(_ serve: Serve) async throws
}

extension Extension {
    public var name: String { String(describing: Self.self) }

    public func check(_ app: App) {}

    public func around(_ serve: Serve) async throws {
        try await serve()
    }
}

/// Serves the app until it is told to stop; called like a function.
// A type and not a function type: a client with other upcoming features would spell that differently, and its `around`
// would not be the one of the protocol, without a word.
public struct Serve: Sendable {
    private let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) {
        self.body = body
    }

    /// Returns when the server has stopped; throws what kept it from serving.
    public func callAsFunction() async throws {
        try await body()
    }
}

/// Two extensions that cannot be in one app.
public struct ExtensionConflict: Error, Equatable, CustomStringConvertible {
    public var name: String
    public var description: String { "the extension \(name) is installed already; install it once" }
}
