/// Answers a request; an app is one, and everything in an app becomes part of one.
public typealias Handler = @Sendable (Request) async throws -> Response

/// Stands around a handler: it may change the request, answer itself, or change the response of `next`.
public typealias Middleware = @Sendable (_ request: Request, _ next: Handler) async throws -> Response
