public import HTTPTypes

/// An error with the status of its response.
public struct HTTPError: Error, Equatable, CustomStringConvertible {
    /// The status of the response.
    public var status: HTTPResponse.Status

    /// The text that the client reads; nil stands for the status's own phrase. Keep the server's secrets out of it.
    public var message: String?

    /// The header fields of the response, such as `Allow` or `Retry-After`.
    public var headers: HTTPFields

    /// Creates an error.
    public init(_ status: HTTPResponse.Status, _ message: String? = nil, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// The status and the message.
    public var description: String {
        message.map { "\(status.code) \(status.reasonPhrase): \($0)" } ?? "\(status.code) \(status.reasonPhrase)"
    }
}

extension HTTPResponse.Status {
    /// The status that logs and metrics show for a client that has left before its response. It is never sent. The
    /// number is nginx's; IANA's registry has no such status.
    package static let clientClosedRequest = Self(code: 499, reasonPhrase: "Client Closed Request")
}

/// Ends a handler with an error response, as Flask's `abort` does: `try abort(.forbidden, "Members only.")`.
///
/// - Parameters:
///   - status: The status of the response.
///   - message: The text that the client reads; nil stands for the status's own phrase.
/// - Throws: `HTTPError`, always.
public func abort(_ status: HTTPResponse.Status, _ message: String? = nil) throws(HTTPError) -> Never {
    throw HTTPError(status, message)
}
