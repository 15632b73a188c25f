import CarafeHTTP
import HTTPTypes
import Logging

/// Answers the errors that it knows; nil for the others.
typealias ErrorHandler = @Sendable (Request, any Error) async throws -> Response?

/// The error handlers that apply at one place, the nearest first.
struct ErrorHandlers: Sendable {
    var handlers: [ErrorHandler] = []

    /// The response of `handler`, or the one that its error leads to.
    func response(to request: Request, of handler: Handler) async -> Response {
        do {
            return try await handler(request)
        } catch {
            return await response(to: request, error)
        }
    }

    /// A handler that answers what `handler` throws.
    func answering(_ handler: @escaping Handler) -> Handler {
        { request in
            var response = await self.response(to: request, of: handler)
            response.noteMetadata(of: request)
            return response
        }
    }

    func response(to request: Request, _ error: any Error) async -> Response {
        // The client has left, and nobody reads an answer: the error is no fault, and mostly the cancellation itself.
        if Task.isCancelled {
            request.logger.debug(
                "\(request.method) \(request.target.path): the client has left", metadata: ["error": "\(error)"])
            return Response(.clientClosedRequest)
        }
        if let response = await handled(error, request) { return response }
        if let reply = error as? any Reply, let response = try? await reply.response(to: request) { return response }
        // RFC 9110 §15.6.1: what went wrong inside is for the log, and for the client in debug mode only.
        request.logger.error(
            "\(request.method) \(request.target.path) failed", metadata: ["error": "\(error)"]
        )
        // Before the app's own handler of 500, whose page would hide what the mode is for.
        if let page = DebugPage(error, request) { return page.response }
        let unexpected = Self.unexpected(error, request)
        return await handled(unexpected, request) ?? unexpected.response(to: request)
    }

    /// The answer of the first handler that knows the error; one that fails itself is answered 500.
    private func handled(_ error: any Error, _ request: Request) async -> Response? {
        if handlers.isEmpty { return nil }
        let request = request.unconditional
        do {
            for handle in handlers {
                guard let response = try await handle(request, error) else { continue }
                return await response.standing(for: error, request)
            }
            return nil
        } catch let failure {
            if let reply = failure as? any Reply, let response = try? await reply.response(to: request) {
                return await response.standing(for: error, request)
            }
            request.logger.error("an error handler failed", metadata: ["error": "\(failure)"])
            return DebugPage(failure, request)?.response ?? Self.unexpected(failure, request).response(to: request)
        }
    }

    private static func unexpected(_ error: any Error, _ request: Request) -> HTTPError {
        HTTPError(.internalServerError, request.context.debug ? "\(error)" : nil)
    }
}

extension Response {
    /// The fields that describe a content, and so go with it when another takes its place (RFC 9110 §8).
    private static let contentFields: Set<HTTPField.Name> = [
        .contentType, .contentLength, .contentEncoding, .contentLanguage, .contentLocation, .contentDisposition, .eTag,
        .lastModified,
    ]

    /// What an error handler gives for an error that answers for itself: the error's status unless the handler gives
    /// one, and with that status its fields, such as the `Allow` that a 405 must have (RFC 9110 §15.5.6).
    fileprivate func standing(for error: any Error, _ request: Request) async -> Response {
        guard let own = try? await (error as? any Reply)?.response(to: request) else { return self }
        var response = self
        if response.status == .ok { response.status = own.status }
        guard response.status == own.status else { return response }
        let known = Set(headers.map(\.name)).union(Self.contentFields)
        response.headers.append(contentsOf: own.headers.filter { !known.contains($0.name) })
        return response
    }
}
