import CarafeHTTP
import HTTPTypes
import Logging

/// Responds to the errors that it knows, and returns nil for all others.
typealias ErrorHandler = @Sendable (Request, any Error) async throws -> Response?

/// The error handlers that apply at one place, the nearest first.
struct ErrorHandlers: Sendable {
    var handlers: [ErrorHandler] = []

    /// Returns the response of `handler`, or the response to its error.
    func response(to request: Request, of handler: Handler) async -> Response {
        do {
            return try await handler(request)
        } catch {
            return await response(to: request, error)
        }
    }

    /// Returns a handler that turns the errors of `handler` into responses.
    func answering(_ handler: @escaping Handler) -> Handler {
        { request in
            var response = await self.response(to: request, of: handler)
            response.noteMetadata(of: request)
            return response
        }
    }

    func response(to request: Request, _ error: any Error) async -> Response {
        // The client has left and reads no response. The error is not a fault; mostly it is the cancellation itself.
        if Task.isCancelled {
            request.logger.debug(
                "\(request.method) \(request.target.path): the client has left", metadata: ["error": "\(error)"])
            return Response(.clientClosedRequest)
        }
        if let response = await handled(error, request) { return response }
        if let reply = error as? any Reply, let response = try? await reply.response(to: request) { return response }
        // RFC 9110 §15.6.1: details go to the log, and to the client in debug mode only.
        request.logger.error(
            "\(request.method) \(request.target.path) failed", metadata: ["error": "\(error)"]
        )
        // Before the app's own handler of 500, whose page would hide the details.
        if let page = DebugPage(error, request) { return page.response }
        let unexpected = Self.unexpected(error, request)
        return await handled(unexpected, request) ?? unexpected.response(to: request)
    }

    /// Returns the response of the first handler that knows the error. A handler that fails is answered with 500.
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
    /// The fields that describe the content, and are dropped when other content takes its place (RFC 9110 §8).
    private static let contentFields: Set<HTTPField.Name> = [
        .contentType, .contentLength, .contentEncoding, .contentLanguage, .contentLocation, .contentDisposition, .eTag,
        .lastModified,
    ]

    /// Returns the reply of an error handler for an error that is itself a reply: with the error's status unless the
    /// handler sets one, and with that status also the error's fields, such as the `Allow` that a 405 must have (RFC
    /// 9110 §15.5.6).
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
