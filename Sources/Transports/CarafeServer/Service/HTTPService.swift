package import CarafeHTTP
import CarafeHTTP1
package import HTTPTypes
import Logging
import NIOCore

/// The handler, the configuration and the date that all connections of an event loop share.
// Unchecked: `date` is touched on the one event loop only.
package final class HTTPService: @unchecked Sendable {
    package let handler: Handler
    package let configuration: ServerConfiguration
    package let times: ClientTimes
    let readerLimits: RequestReader.Limits
    package let date = DateField()

    init(handler: @escaping Handler, configuration: ServerConfiguration) {
        self.handler = handler
        self.configuration = configuration
        times = ClientTimes(configuration.timeouts)
        let limits = configuration.limits
        readerLimits = RequestReader.Limits(
            requestLineBytes: limits.requestLineBytes, fieldSectionBytes: limits.headerBytes,
            fieldCount: limits.headerFields
        )
    }

    /// Replaces a handler's response with an interim status by 500: the client would wait for the final response
    /// (RFC 9110 §15.2).
    package func finalResponse(_ response: Response) -> Response {
        // RFC 9110 §15.3.6: "a server MUST NOT generate content in a 205 response".
        if response.status == .resetContent, response.body.length != 0 {
            var bare = response
            bare.body = .none
            return bare
        }
        guard response.status.code < 200, response.upgrade == nil else { return response }
        configuration.logger.error("expected a final status from a handler, found \(response.status.code)")
        return Self.failure
    }

    /// The last resort: an app answers its errors itself.
    package func answer(to error: any Error) -> Response {
        // A handler's task is cancelled when its client has left: nobody reads an answer.
        if Task.isCancelled { return Response(.clientClosedRequest) }
        if let error = error as? HTTPError {
            var response = Response(error.status, text: error.message ?? error.status.reasonPhrase)
            response.headers.append(contentsOf: error.headers)
            return response
        }
        configuration.logger.error("a handler failed", metadata: ["error": "\(error)"])
        return Self.failure
    }

    /// The answer to an error of the app.
    package static let failure = Response(
        .internalServerError, text: HTTPResponse.Status.internalServerError.reasonPhrase)

    /// Logs the error that ended a body: no error handler sees it, and the client cannot be told.
    package func logBreak(
        of response: Response, to method: HTTPRequest.Method, _ target: Target, number: UInt64, _ error: any Error
    ) {
        // An error of the request's body, which the stream reads.
        let isOfClient = (error as? HTTPError)?.status.kind == .clientError
        let own: Logger.Metadata = [RequestID.key: "\(RequestID.text(number))", "error": "\(error)"]
        configuration.logger.log(
            level: isOfClient ? .debug : .error, "\(method) \(target.path): the body broke off",
            metadata: own.merging(response.logMetadata) { $1 })
    }
}
