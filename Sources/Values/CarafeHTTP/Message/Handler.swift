/// A function from a request to its response. An app is one, and everything in an app becomes part of one.
public typealias Handler = @Sendable (Request) async throws -> Response

/// Code around a handler. It may change the request, respond itself, or change the response of `next`.
public typealias Middleware = @Sendable (_ request: Request, _ next: Handler) async throws -> Response
