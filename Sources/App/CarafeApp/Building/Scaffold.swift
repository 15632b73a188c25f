public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

/// The set-up that apps and blueprints have in common. Everything here is sugar over one requirement.
public protocol Scaffold {
    var scope: Scope { get set }
}

extension Scaffold {
    /// Adds a route. All other ways to add one end here.
    ///
    /// - Parameters:
    ///   - methods: The request methods.
    ///   - pattern: The path, with a converter for each argument of the handler: `/users/<int:id>`.
    ///   - bodyLimit: The largest request body in bytes; nil for the app's limit.
    ///   - handler: Answers the requests.
    /// - Returns: The route, which makes URLs.
    @discardableResult
    public mutating func route<each Argument: PathArgument>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        responding handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Response
    ) -> Route<repeat each Argument> {
        add(methods.map(RouteKey.init), pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a route for requests that ask to switch to another protocol. A GET route may exist beside it.
    ///
    /// A plain GET on a path without another route is answered with 426 (RFC 9110 §15.5.22).
    @discardableResult
    public mutating func route<each Argument: PathArgument>(
        upgradingTo protocolName: String, _ pattern: String,
        responding handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Response
    ) -> Route<repeat each Argument> {
        add([.upgrade(protocolName)], pattern, bodyLimit: 0, handler)
    }

    private mutating func add<each Argument: PathArgument>(
        _ keys: [RouteKey], _ pattern: String, bodyLimit: Int?,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Response
    ) -> Route<repeat each Argument> {
        do {
            let route = try RouteDefinition(
                keys: keys, pattern: pattern, bodyLimit: bodyLimit,
                taking: repeat (each Argument).self, handler: handler
            )
            scope.routes.append(route)
            return Route(pattern: route.pattern, mountPoint: scope.mountPoint)
        } catch {
            // Kept until the app is built, so that registering a route needs no `try`.
            scope.problems.append(error)
            return Route(pattern: nil, mountPoint: scope.mountPoint)
        }
    }

    /// Adds the routes that a blueprint has now, below its prefix. A change to the original after this call is an error
    /// when the app is built.
    public mutating func register(_ blueprint: Blueprint) {
        blueprint.scope.noteRegistration()
        scope.blueprints.append(blueprint)
    }

    /// Wraps a middleware around every handler here. The first one registered is the outermost.
    public mutating func use(_ middleware: @escaping Middleware) {
        scope.middleware.append(middleware)
    }

    /// Runs a hook before every handler here. The hook may change the request; if it returns a reply, the handler is
    /// not called.
    public mutating func before<Answer: Reply>(
        _ hook: @escaping @Sendable (inout Request) async throws -> Answer?
    ) {
        scope.before.append { request in try await hook(&request)?.response(to: request) }
    }

    // Disfavoured: a closure of several statements without a `return` would match here too, and fail to compile.
    /// Runs a hook before every handler here. The hook may change the request; if it returns a response, the handler is
    /// not called.
    @_disfavoredOverload
    public mutating func before(_ hook: @escaping @Sendable (inout Request) async throws -> Response?) {
        scope.before.append(hook)
    }

    /// Runs a hook before every handler here.
    public mutating func before(_ hook: @escaping @Sendable (inout Request) async throws -> Void) {
        scope.before.append { request in
            try await hook(&request)
            return nil
        }
    }

    /// Runs a hook after every handler here, and after the error handlers. The hook may change the response.
    public mutating func after(_ hook: @escaping @Sendable (Request, inout Response) async throws -> Void) {
        scope.after.append(hook)
    }

    /// Handles the errors with a status, including those of routing (404, 405). A handler of 500 gets every error that
    /// no other handler knows.
    ///
    /// The response keeps the status and the error's fields, such as `Allow`, unless the reply has its own.
    public mutating func onError(
        _ status: HTTPResponse.Status, _ handler: @escaping @Sendable (Request, HTTPError) async throws -> some Reply
    ) {
        scope.errorHandlers.append { request, error in
            guard let error = error as? HTTPError, error.status == status else { return nil }
            return try await handler(request, error).response(to: request)
        }
    }

    /// Handles the errors of a type.
    ///
    /// If the error is itself a reply, as an `HTTPError` is, the response keeps its status and its fields, such as
    /// `Retry-After`, unless the reply of the handler has its own.
    public mutating func onError<Failure: Error>(
        _ type: Failure.Type, _ handler: @escaping @Sendable (Request, Failure) async throws -> some Reply
    ) {
        scope.errorHandlers.append { request, error in
            guard let error = error as? Failure else { return nil }
            return try await handler(request, error).response(to: request)
        }
    }
}
