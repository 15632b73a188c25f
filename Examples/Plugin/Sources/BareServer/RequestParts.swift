import Carafe
import NIOCore
import NIOHTTP1

/// The requests of a connection, read when the app asks for them.
actor RequestParts {
    private var iterator: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private var isInBody = false

    init(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) {
        iterator = inbound.makeAsyncIterator()
    }

    /// Returns the next head, after skipping the rest of a body, or nil when the client has closed.
    func nextHead() async throws -> HTTPRequestHead? {
        while try await nextPiece() != nil {}
        guard case .head(let head)? = try await next() else { return nil }
        isInBody = true
        return head
    }

    /// Returns the next piece of the present body, or nil at its end.
    func nextPiece() async throws -> ByteBuffer? {
        guard isInBody else { return nil }
        if case .body(let piece)? = try await next() { return piece }
        isInBody = false
        return nil
    }

    private func next() async throws -> HTTPServerRequestPart? {
        // The iterator is a reference, so that a copy reads on where the other is.
        var iterator = iterator
        return try await iterator.next(isolation: self)
    }
}

extension Request {
    /// Makes Carafe's request of SwiftNIO's.
    init(_ head: HTTPRequestHead, _ parts: RequestParts, connection: Connection) throws {
        guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else { throw HTTPError(.notImplemented) }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        try self.init(method: method, target: head.uri, headers: fields, connection: connection)
        let length = fields[.contentLength].flatMap { Int($0) }
        body = RequestBody(declaredLength: length ?? (fields[.transferEncoding] == nil ? 0 : nil)) {
            try await parts.nextPiece()
        }
    }
}

extension HTTPResponseHead {
    /// Makes SwiftNIO's head of Carafe's response.
    init(_ response: Response, to head: HTTPRequestHead) {
        var fields = HTTPHeaders(response.headers.map { ($0.name.rawName, $0.value) })
        if let length = response.body.length, response.status.mayHaveBody {
            fields.replaceOrAdd(name: "Content-Length", value: "\(length)")
        }
        if !head.isKeepAlive { fields.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: response.status.code, reasonPhrase: response.status.reasonPhrase)
        self.init(version: head.version, status: status, headers: fields)
    }
}

extension HTTPResponse.Status {
    /// Whether a response may have a body (RFC 9110 §6.4.1).
    var mayHaveBody: Bool { kind != .informational && self != .noContent && self != .notModified }
}
