import CarafeHTTP
import CarafeRouting

/// The state that an app and a blueprint have in common: routes, and the layers around them.
public struct Scope: Sendable {
    var routes: [RouteDefinition] = [] {
        didSet { noteChange(routes.last?.description ?? "a route") }
    }
    var blueprints: [Blueprint] = [] {
        didSet { noteChange("the blueprint \(blueprints.last?.prefix ?? "")") }
    }
    var middleware: [Middleware] = [] { didSet { noteChange("a middleware") } }
    var before: [@Sendable (inout Request) async throws -> Response?] = [] { didSet { noteChange("a hook") } }
    var after: [@Sendable (Request, inout Response) async throws -> Void] = [] { didSet { noteChange("a hook") } }
    var errorHandlers: [ErrorHandler] = [] { didSet { noteChange("an error handler") } }
    /// The errors of calls that do not throw. The first one is thrown when the app is built.
    var problems: [any Error] = []
    private var version = 0
    private let copies = CopyWatch()
    let mountPoint = MountPoint()

    /// Records an addition, for copies that were made before.
    mutating func noteChange(_ what: String) {
        version = copies.change(version, what)
    }

    /// Records that a copy was registered with an app.
    func noteRegistration() {
        copies.register(version)
    }

    /// Throws if the original of this copy was changed after the registration.
    func checkCompleteness(_ name: String, by call: String) throws {
        try copies.check(version, named: name, by: call)
    }

    /// Whether any layer surrounds the routes.
    var hasHooks: Bool { !middleware.isEmpty || !before.isEmpty || !after.isEmpty }

    /// Wraps the hooks and the middleware around a handler.
    ///
    /// Each layer turns the errors that it throws into responses, by the error handlers that apply here; the next layer
    /// outside gets a response.
    func wrap(_ handler: @escaping Handler, errors: ErrorHandlers) -> Handler {
        guard hasHooks || !errorHandlers.isEmpty else { return handler }
        var handler = errors.answering(handler)
        if !before.isEmpty || !after.isEmpty { handler = hooked(handler, errors) }
        if !middleware.isEmpty {
            handler = { [handler] request in
                var response = try await handler(request)
                response.bindBody(on: request.connection.executor)
                return response
            }
        }
        for outer in middleware.reversed() {
            handler = errors.answering { [handler] request in try await outer(request, handler) }
        }
        return handler
    }

    private func hooked(_ handler: @escaping Handler, _ errors: ErrorHandlers) -> Handler {
        { [before, after] request in
            var request = request
            var answer: Response?
            do {
                for hook in before where answer == nil { answer = try await hook(&request) }
            } catch {
                answer = await errors.response(to: request, error)
            }
            // The error handlers and the hooks after it get the request as the hooks before it left it.
            var response = if let answer { answer } else { try await handler(request) }
            for hook in after {
                do { try await hook(request, &response) } catch { response = await errors.response(to: request, error) }
            }
            response.noteMetadata(of: request)
            return response
        }
    }
}
