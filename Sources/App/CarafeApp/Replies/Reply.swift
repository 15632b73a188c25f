public import CarafeHTTP
public import HTTPTypes
public import NIOCore

/// A value that makes a response: the result of a handler.
///
/// Strings, responses, statuses, redirects and templates conform, and types of your own can. Any `Encodable` value is
/// sent as JSON without conforming, no value at all becomes 204 (except for GET, which always has one), and `(status,
/// reply)` sets another status. An error that conforms makes the response to itself when it is thrown.
public protocol Reply: SendableMetatype {
    /// Makes the response to a request.
    func response(to request: Request) async throws -> Response
}

extension Response: Reply {
    /// Returns the response itself.
    public func response(to request: Request) -> Response { self }
}

extension String: Reply {
    /// Responds with plain text. For a page use `Response(html:)` or a template, where nothing is sent unescaped by
    /// accident.
    public func response(to request: Request) -> Response { Response(text: self) }
}

extension HTTPResponse.Status: Reply {
    /// Responds with the status and no body.
    public func response(to request: Request) -> Response { Response(self) }
}

extension ByteBuffer: Reply {
    /// Responds with the bytes, as `application/octet-stream`.
    public func response(to request: Request) -> Response {
        Response(headers: [.contentType: "application/octet-stream"], body: .bytes(self))
    }
}

extension HTTPError: Reply {
    /// Responds with the error's status, message and header fields.
    public func response(to request: Request) -> Response {
        var response = Response(status, text: message ?? status.reasonPhrase)
        if headers.contains(.contentType) { response.headers[.contentType] = nil }
        response.headers.append(contentsOf: headers)
        return response
    }
}
