public import HTTPTypes

// What the compiler says of a closure without a request names nothing that could be mended: these overloads say what to
// write. None of them adds a route.

extension Scaffold {
    /// Says what to write in the place of a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func get<Output>(
        _ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        refuse(methods: [.get], pattern)
    }

    /// Says what to write in the place of a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func post<Output>(
        _ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        refuse(methods: [.post], pattern)
    }

    /// Says what to write in the place of a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func put<Output>(
        _ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        refuse(methods: [.put], pattern)
    }

    /// Says what to write in the place of a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func patch<Output>(
        _ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        refuse(methods: [.patch], pattern)
    }

    /// Says what to write in the place of a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func delete<Output>(
        _ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        refuse(methods: [.delete], pattern)
    }

    /// Says what to write in the place of a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func route<Output>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        refuse(methods: methods, pattern)
    }
}
