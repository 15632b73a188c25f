public import CarafeHTTP
public import HTTPTypes
public import NIOCore

/// What a handler may return: anything that makes a response.
///
/// Strings, responses, statuses, redirects and templates conform, and types of your own can. Any `Encodable` type is
/// sent as JSON without conforming, nothing at all becomes 204 (not of a GET, which answers with something), and
/// `(status, reply)` sets another status. An error that conforms answers for itself when it is thrown.
public protocol Reply: SendableMetatype {
    /// Makes the response to a request.
    func response(to request: Request) async throws -> Response
}

extension Response: Reply {
    public func response(to request: Request) -> Response { self }
}

extension String: Reply {
    /// Plain text; a page is `Response(html:)` or a template, where nothing is sent unescaped by accident.
    public func response(to request: Request) -> Response { Response(text: self) }
}

extension HTTPResponse.Status: Reply {
    /// The bare status.
    public func response(to request: Request) -> Response { Response(self) }
}

extension ByteBuffer: Reply {
    public func response(to request: Request) -> Response {
        Response(headers: [.contentType: "application/octet-stream"], body: .bytes(self))
    }
}

extension HTTPError: Reply {
    public func response(to request: Request) -> Response {
        var response = Response(status, text: message ?? status.reasonPhrase)
        if headers.contains(.contentType) { response.headers[.contentType] = nil }
        response.headers.append(contentsOf: headers)
        return response
    }
}
