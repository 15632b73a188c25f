public import CarafeHTTP
public import CarafeRouting
public import HTTPTypes

// A closure that gives a literal with values of several types would be taken for one that returns nothing. These overloads
// say what to write. Beside a handler that may return nothing Swift passes over an unavailable one: there it is
// deprecated, and the start fails.

extension Scaffold {
    /// Says what to write in the place of a literal with values of several types.
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

    /// Says what to write in the place of a literal with values of several types.
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
    /// Says what to write in the place of a literal with values of several types.
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

    /// Says what to write in the place of a literal with values of several types.
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
    /// Says what to write in the place of a literal with values of several types.
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

    /// Says what to write in the place of a literal with values of several types.
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
    /// Says what to write in the place of a literal with values of several types.
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

    /// Says what to write in the place of a literal with values of several types.
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
    /// Says what to write in the place of a literal with values of several types.
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

    /// Says what to write in the place of a literal with values of several types.
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
    /// Says what to write in the place of a literal with values of several types.
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

    /// Says what to write in the place of a literal with values of several types.
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
