public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

// Each verb has the five forms of `route(methods:)`, see there; GET has no handler that returns nothing.

extension Scaffold {
    /// Adds a GET route whose handler returns a reply.
    @discardableResult
    public mutating func get<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.get], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a GET route whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func get<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.get], pattern, bodyLimit: bodyLimit, handler)
    }

    /// A GET that answers with nothing is a `return` that was forgotten.
    @available(
        *, unavailable,
        message: """
            a GET answers with something, and this closure returns nothing that can be sent: `return` a String, a \
            reply or an Encodable value, for 204 `HTTPResponse.Status.noContent`; where it only throws, write \
            `{ _ -> Response in … }`
            """
    )
    @_disfavoredOverload @discardableResult
    public mutating func get<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        route(methods: [.get], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a GET route whose handler returns a status and a reply.
    @discardableResult
    public mutating func get<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.get], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a GET route whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func get<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.get], pattern, bodyLimit: bodyLimit, handler)
    }
}

extension Scaffold {
    /// Adds a POST route whose handler returns a reply.
    @discardableResult
    public mutating func post<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.post], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a POST route whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func post<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.post], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a POST route whose handler returns nothing: 204.
    @_disfavoredOverload @discardableResult
    public mutating func post<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        route(methods: [.post], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a POST route whose handler returns a status and a reply.
    @discardableResult
    public mutating func post<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.post], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a POST route whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func post<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.post], pattern, bodyLimit: bodyLimit, handler)
    }
}

extension Scaffold {
    /// Adds a PUT route whose handler returns a reply.
    @discardableResult
    public mutating func put<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.put], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PUT route whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func put<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.put], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PUT route whose handler returns nothing: 204.
    @_disfavoredOverload @discardableResult
    public mutating func put<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        route(methods: [.put], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PUT route whose handler returns a status and a reply.
    @discardableResult
    public mutating func put<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.put], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PUT route whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func put<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.put], pattern, bodyLimit: bodyLimit, handler)
    }
}

extension Scaffold {
    /// Adds a PATCH route whose handler returns a reply.
    @discardableResult
    public mutating func patch<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.patch], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PATCH route whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func patch<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.patch], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PATCH route whose handler returns nothing: 204.
    @_disfavoredOverload @discardableResult
    public mutating func patch<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        route(methods: [.patch], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PATCH route whose handler returns a status and a reply.
    @discardableResult
    public mutating func patch<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.patch], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a PATCH route whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func patch<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.patch], pattern, bodyLimit: bodyLimit, handler)
    }
}

extension Scaffold {
    /// Adds a DELETE route whose handler returns a reply.
    @discardableResult
    public mutating func delete<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.delete], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a DELETE route whose handler returns a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func delete<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> {
        route(methods: [.delete], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a DELETE route whose handler returns nothing: 204.
    @_disfavoredOverload @discardableResult
    public mutating func delete<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        route(methods: [.delete], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a DELETE route whose handler returns a status and a reply.
    @discardableResult
    public mutating func delete<each Argument: PathArgument, Output: Reply>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.delete], pattern, bodyLimit: bodyLimit, handler)
    }

    /// Adds a DELETE route whose handler returns a status and a value to send as JSON.
    @_disfavoredOverload @discardableResult
    public mutating func delete<each Argument: PathArgument, Output: Encodable & SendableMetatype>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> (HTTPResponse.Status, Output)
    ) -> Route<repeat each Argument> {
        route(methods: [.delete], pattern, bodyLimit: bodyLimit, handler)
    }
}
