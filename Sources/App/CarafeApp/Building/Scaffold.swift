public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

/// What can be set up in an app and in a blueprint alike; everything is sugar over its one requirement.
public protocol Scaffold {
    var scope: Scope { get set }
}

extension Scaffold {
    /// The one way to add a route; `get`, `post` and the others end here.
    @discardableResult
    public mutating func route<each Argument: PathArgument>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        responding handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Response
    ) -> Route<repeat each Argument> {
        add(methods.map(RouteKey.init), pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a route for requests that ask to change to another protocol; a GET route may stand beside it.
    ///
    /// A plain GET on a path that has no other route is answered 426 (RFC 9110 §15.5.22).
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
            // Kept until the app is built, so that a route can be registered without `try`.
            scope.problems.append(error)
            return Route(pattern: nil, mountPoint: scope.mountPoint)
        }
    }

    /// Adds the routes of a blueprint below its prefix: those that it has now. What it gets later is an error when the
    /// app is built.
    public mutating func register(_ blueprint: Blueprint) {
        blueprint.scope.noteRegistration()
        scope.blueprints.append(blueprint)
    }

    /// Puts a middleware around every handler here; the first one registered is the outermost.
    public mutating func use(_ middleware: @escaping Middleware) {
        scope.middleware.append(middleware)
    }

    /// Runs before every handler here; the request can be changed, and a reply returned takes the handler's place.
    public mutating func before<Answer: Reply>(
        _ hook: @escaping @Sendable (inout Request) async throws -> Answer?
    ) {
        scope.before.append { request in try await hook(&request)?.response(to: request) }
    }

    /// Runs before every handler here; the request can be changed, and a response returned takes the handler's place.
    // Stands back: a closure of several statements without a `return` fits here too, until it is compiled.
    @_disfavoredOverload
    public mutating func before(_ hook: @escaping @Sendable (inout Request) async throws -> Response?) {
        scope.before.append(hook)
    }

    /// Runs before every handler here.
    public mutating func before(_ hook: @escaping @Sendable (inout Request) async throws -> Void) {
        scope.before.append { request in
            try await hook(&request)
            return nil
        }
    }

    /// Runs after every handler here, and after error handlers; the response can be changed.
    public mutating func after(_ hook: @escaping @Sendable (Request, inout Response) async throws -> Void) {
        scope.after.append(hook)
    }

    /// Answers the errors with a status: those of routing (404, 405) too, and with 500 what no other handler knows.
    ///
    /// The answer keeps the status and the error's fields, such as `Allow`, unless it has its own.
    public mutating func onError(
        _ status: HTTPResponse.Status, _ handler: @escaping @Sendable (Request, HTTPError) async throws -> some Reply
    ) {
        scope.errorHandlers.append { request, error in
            guard let error = error as? HTTPError, error.status == status else { return nil }
            return try await handler(request, error).response(to: request)
        }
    }

    /// Answers the errors of a type.
    ///
    /// Where the error answers for itself, as an `HTTPError` does, the answer keeps its status and its fields, such as
    /// `Retry-After`, unless it has its own.
    public mutating func onError<Failure: Error>(
        _ type: Failure.Type, _ handler: @escaping @Sendable (Request, Failure) async throws -> some Reply
    ) {
        scope.errorHandlers.append { request, error in
            guard let error = error as? Failure else { return nil }
            return try await handler(request, error).response(to: request)
        }
    }
}
