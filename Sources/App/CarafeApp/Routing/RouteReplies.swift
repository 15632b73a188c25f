public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

// The result of a handler selects one of the forms of each verb: a reply, a value to send as JSON, nothing (204), or a
// status with one of the first two. The forms for JSON and for nothing are disfavoured, so that a reply wins.

extension Scaffold {
    /// Adds a route for any methods, whose handler returns a reply.
    @discardableResult
    public mutating func route<each Argument: PathArgument, Output: Reply>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(
            methods: methods, pattern, bodyLimit: bodyLimit,
            responding: { (request, argument: repeat each Argument) in
                try await handler(request, repeat each argument).response(to: request)
            })
    }

    /// Adds a route for any methods, whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func route<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(
            methods: methods, pattern, bodyLimit: bodyLimit,
            responding: { (request, argument: repeat each Argument) in
                try await .encoding(
                    try await handler(request, repeat each argument), coders: request.context.json)
            })
    }

    /// Adds a route for any methods, whose handler returns nothing: 204.
    @_disfavoredOverload @discardableResult
    public mutating func route<each Argument: PathArgument>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        route(
            methods: methods, pattern, bodyLimit: bodyLimit,
            responding: { (request, argument: repeat each Argument) in
                try await handler(request, repeat each argument)
                return Response(.noContent)
            })
    }

    /// Adds a route for any methods, whose handler returns a status and a reply.
    @discardableResult
    public mutating func route<each Argument: PathArgument, Output: Reply>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(
            methods: methods, pattern, bodyLimit: bodyLimit,
            responding: { (request, argument: repeat each Argument) in
                let (status, reply) = try await handler(request, repeat each argument)
                var response = try await reply.response(to: status == .ok ? request : request.unconditional)
                response.status = status
                return response
            })
    }

    /// Adds a route for any methods, whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func route<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(
            methods: methods, pattern, bodyLimit: bodyLimit,
            responding: { (request, argument: repeat each Argument) in
                let (status, value) = try await handler(request, repeat each argument)
                return try await .encoding(value, status, coders: request.context.json)
            })
    }
}
