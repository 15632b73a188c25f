public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

// The compiler's own messages for these mistakes do not help: the overloads here say what to write. They add no route.
// Where a handler may return nothing, Swift ignores an unavailable overload: there it is deprecated, and building the
// app fails.

extension RouteVerb {
    /// Refuses a closure that takes no request.
    @available(
        *, unavailable,
        message:
            "a handler takes the request: `{ _ in … }`, and after it what its path holds: `{ (_, name: String) in … }`"
    )
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<Output>(
        _ pattern: String, bodyLimit: Int? = nil, _ handler: @escaping @Sendable () async throws -> Output
    ) -> Route<> {
        place.refuse(methods: [method], pattern)
    }
}

extension RouteVerb where Kind == SafeMethod {
    /// Refuses a handler that returns nothing: a `return` was forgotten.
    @available(
        *, unavailable,
        message: """
            a GET answers with something, and this closure returns nothing that can be sent: `return` a String, a \
            reply or an Encodable value, for 204 `HTTPResponse.Status.noContent`; where it only throws, write \
            `{ _ -> Response in … }`
            """
    )
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        place.refuse(methods: [method], pattern)
    }

    /// Refuses a dictionary literal with values of several types.
    @available(
        *, unavailable,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        place.refuse(methods: [method], pattern)
    }

    /// Refuses an array literal with values of several types.
    @available(
        *, unavailable,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        place.refuse(methods: [method], pattern)
    }
}

extension RouteVerb where Kind == UnsafeMethod {
    /// Refuses a dictionary literal with values of several types.
    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        place.refuse(methods: [method], pattern)
    }

    /// Refuses an array literal with values of several types.
    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func callAsFunction<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        place.refuse(methods: [method], pattern)
    }
}

extension Scaffold {
    /// Refuses a closure that takes no request.
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

extension Scaffold {
    /// Refuses a dictionary literal with values of several types.
    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func route<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        refuse(methods: methods, pattern)
    }

    /// Refuses an array literal with values of several types.
    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func route<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        methods: [HTTPRequest.Method], _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        refuse(methods: methods, pattern)
    }
}

extension Scaffold {
    /// Lets the start fail where the compiler can only warn.
    mutating func refuse<each Argument: PathArgument>(
        methods: [HTTPRequest.Method], _ pattern: String
    ) -> Route<repeat each Argument> {
        scope.problems.append(
            RouteError(
                route: "\(methods.map(\.rawValue).joined(separator: " ")) \(pattern)",
                problem: "expected a value that can be sent, found a literal with values of several types; "
                    + "return a struct that conforms to Encodable"))
        return Route(pattern: nil, mountPoint: scope.mountPoint)
    }
}
