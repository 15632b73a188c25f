public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

extension Scaffold {
    /// Adds GET routes; HEAD is answered from them (RFC 9110 §9.3.2).
    ///
    /// ```swift
    /// app.get("/hello/<name>") { (request, name: String) in "Hello, \(name)!" }
    /// ```
    public var get: RouteVerb<SafeMethod> {
        get { RouteVerb(.get, scope) }
        set { scope = newValue.place.scope }
    }

    /// Adds POST routes (RFC 9110 §9.3.3), as `get` does.
    public var post: RouteVerb<UnsafeMethod> {
        get { RouteVerb(.post, scope) }
        set { scope = newValue.place.scope }
    }

    /// Adds PUT routes (RFC 9110 §9.3.4), as `get` does.
    public var put: RouteVerb<UnsafeMethod> {
        get { RouteVerb(.put, scope) }
        set { scope = newValue.place.scope }
    }

    /// Adds PATCH routes (RFC 5789), as `get` does.
    public var patch: RouteVerb<UnsafeMethod> {
        get { RouteVerb(.patch, scope) }
        set { scope = newValue.place.scope }
    }

    /// Adds DELETE routes (RFC 9110 §9.3.5), as `get` does.
    public var delete: RouteVerb<UnsafeMethod> {
        get { RouteVerb(.delete, scope) }
        set { scope = newValue.place.scope }
    }
}

/// The kind of GET: it changes nothing, so that its handlers return something (RFC 9110 §9.2.1).
public enum SafeMethod {}

/// The kind of POST, PUT, PATCH and DELETE: their handlers may return nothing.
public enum UnsafeMethod {}

/// Adds the routes of one request method; `app.get` is one, and is called like a function.
///
/// A handler takes the request, and after it an argument for each parameter of the pattern. What it returns chooses
/// among the calls here.
public struct RouteVerb<Kind> {
    /// The place where the routes are registered.
    var place: Place
    let method: HTTPRequest.Method

    struct Place: Scaffold {
        var scope: Scope
    }

    init(_ method: HTTPRequest.Method, _ scope: Scope) {
        place = Place(scope: scope)
        self.method = method
    }

    /// Adds a route whose handler returns a reply.
    ///
    /// - Parameters:
    ///   - pattern: The path, with parameters such as `<name>` or `<int:id>`.
    ///   - bodyLimit: The most bytes of a request's body; nil stands for the app's.
    ///   - handler: Runs for each request.
    @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        place.route(methods: [method], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a route whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        place.route(methods: [method], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a route whose handler returns a status and a reply.
    @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        place.route(methods: [method], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a route whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        place.route(methods: [method], pattern, bodyLimit: bodyLimit, handler)
    }
}

extension RouteVerb where Kind == UnsafeMethod {
    /// Adds a route whose handler returns nothing: 204.
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        place.route(methods: [method], pattern, bodyLimit: bodyLimit, handler)
    }
}
