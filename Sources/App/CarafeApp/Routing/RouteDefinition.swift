import CarafeHTTP
import CarafeRouting
import HTTPTypes

/// A route as it was registered, before the app is built.
struct RouteDefinition: Sendable {
    var keys: [RouteKey]
    var pattern: PathPattern
    var accepts: [@Sendable (String) -> Bool]
    var bodyLimit: Int?
    var handler: Handler

    /// Checks the pattern against the types that the handler takes.
    init<each Argument: PathArgument>(
        keys: [RouteKey], pattern text: String, bodyLimit: Int?, taking: repeat (each Argument).Type,
        handler: @escaping @Sendable (Request, repeat each Argument) async throws -> Response
    ) throws(RouteError) {
        let route = "\(keys.map(\.description).joined(separator: " ")) \(text)"
        let parsed: PathPattern
        do { parsed = try PathPattern(text) } catch { throw RouteError(route: route, problem: error.problem) }
        pattern = parsed
        self.keys = keys
        self.bodyLimit = bodyLimit
        accepts = try Self.converters(of: parsed, named: route, taking: repeat each taking)
        self.handler = { request in
            var index = 0
            func next<Value: PathArgument>(_ type: Value.Type) throws(HTTPError) -> Value {
                // The table has accepted the text for this very type.
                guard let value = Value(pathSegment: request.arguments[index]) else { throw HTTPError(.notFound) }
                index += 1
                return value
            }
            // Here, so that the layers of a blueprint see the 413 as well.
            try request.body.checkDeclaredLength()
            return try await handler(request, repeat try next((each Argument).self))
        }
        if keys.isEmpty { throw RouteError(route: route, problem: "expected at least one method") }
    }

    private static func converters<each Argument: PathArgument>(
        of pattern: PathPattern, named route: String, taking: repeat (each Argument).Type
    ) throws(RouteError) -> [@Sendable (String) -> Bool] {
        let parameters = pattern.parameters
        var accepts: [@Sendable (String) -> Bool] = []
        var taken: [String] = []
        var mismatch: String?
        for type in repeat each taking {
            accepts.append(acceptance(of: type))
            taken.append(String(describing: type))
            guard taken.count <= parameters.count else { continue }
            let parameter = parameters[taken.count - 1]
            if mismatch == nil, !type.converters.contains(parameter.converter) {
                let expected = type.converters.map { "<\($0):\(parameter.name)>" }.joined(separator: " or ")
                mismatch =
                    "argument \(taken.count) of the handler is \(type), which takes \(expected), "
                    + "found <\(parameter.converter):\(parameter.name)>"
            }
        }
        if taken.count != parameters.count {
            let found = taken.isEmpty ? "none" : taken.joined(separator: ", ")
            throw RouteError(
                route: route,
                problem: "the pattern has \(parameters.count) parameters, the handler takes \(taken.count) (\(found))"
            )
        }
        if let mismatch { throw RouteError(route: route, problem: mismatch) }
        return accepts
    }

    private static func acceptance<Value: PathArgument>(of type: Value.Type) -> @Sendable (String) -> Bool {
        if type == String.self { return { _ in true } }
        return { Value(pathSegment: $0) != nil }
    }
}

extension RouteDefinition: CustomStringConvertible {
    /// The methods and the pattern, as errors name a route.
    var description: String { keys.map(\.description).joined(separator: " ") + " \(pattern)" }
}

extension RouteKey {
    /// `*` stands for all methods.
    init(_ method: HTTPRequest.Method) {
        self = method.rawValue == "*" ? .any : .method(method.rawValue)
    }

    var isUpgrade: Bool { if case .upgrade = self { true } else { false } }
}
