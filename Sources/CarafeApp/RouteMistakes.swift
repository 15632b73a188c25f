public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

// What looks like a handler and is none: the compiler's own words for it name nothing that could be mended, or it would
// take the closure for one that returns nothing. These overloads say what to write. None of them adds a route.

extension Scaffold {
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

    @available(
        *, unavailable,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func get<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        refuse(methods: [.get], pattern)
    }

    @available(
        *, unavailable,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func get<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        refuse(methods: [.get], pattern)
    }
}

extension Scaffold {
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

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func post<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        refuse(methods: [.post], pattern)
    }

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func post<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        refuse(methods: [.post], pattern)
    }
}

extension Scaffold {
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

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func put<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        refuse(methods: [.put], pattern)
    }

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func put<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        refuse(methods: [.put], pattern)
    }
}

extension Scaffold {
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

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func patch<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        refuse(methods: [.patch], pattern)
    }

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func patch<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        refuse(methods: [.patch], pattern)
    }
}

extension Scaffold {
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

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func delete<each Argument: PathArgument, Output: ExpressibleByDictionaryLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.Key == String, Output.Value == Any {
        refuse(methods: [.delete], pattern)
    }

    @available(
        *, deprecated,
        message:
            "values of several types in one literal cannot be sent as JSON: return a struct that conforms to Encodable"
    )
    @_disfavoredOverload @discardableResult
    public mutating func delete<each Argument: PathArgument, Output: ExpressibleByArrayLiteral>(
        _ pattern: String, bodyLimit: Int? = nil,
        _ handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Output
    ) -> Route<repeat each Argument> where Output.ArrayLiteralElement == Any {
        refuse(methods: [.delete], pattern)
    }
}

extension Scaffold {
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
    /// Where the compiler can only warn, the start fails.
    private mutating func refuse<each Argument: PathArgument>(
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
