import CarafeHTTP
import CarafeRouting

/// What an app and a blueprint both hold: routes, and what stands around them.
public struct Scope: Sendable {
    var routes: [RouteDefinition] = []
    var blueprints: [Blueprint] = []
    var middleware: [Middleware] = []
    var before: [@Sendable (inout Request) async throws -> Response?] = []
    var after: [@Sendable (Request, inout Response) async throws -> Void] = []
    var errorHandlers: [ErrorHandler] = []
    /// What went wrong in calls that do not throw; the first one is thrown when the app is built.
    var problems: [any Error] = []
    let mountPoint = MountPoint()

    /// Whether something stands around the routes.
    var hasHooks: Bool { !middleware.isEmpty || !before.isEmpty || !after.isEmpty }

    /// Puts the hooks and the middleware around a handler; its errors become responses before `after` sees them.
    func wrap(_ handler: @escaping Handler, errors: ErrorHandlers) -> Handler {
        var handler = handler
        let before = before
        let after = after
        if !before.isEmpty {
            handler = { [handler] request in
                var request = request
                for hook in before {
                    if let response = try await hook(&request) { return response }
                }
                return try await handler(request)
            }
        }
        if !after.isEmpty || !errorHandlers.isEmpty || !middleware.isEmpty {
            handler = { [handler] request in await errors.response(to: request, of: handler) }
        }
        if !after.isEmpty {
            handler = { [handler] request in
                var response = try await handler(request)
                for hook in after { try await hook(request, &response) }
                return response
            }
        }
        for outer in middleware.reversed() {
            handler = { [handler] request in try await outer(request, handler) }
        }
        return handler
    }
}
