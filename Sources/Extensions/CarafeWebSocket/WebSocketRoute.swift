public import CarafeApp
import HTTPTypes

extension Scaffold {
    /// Adds a WebSocket route; a GET route may stand on the same path.
    ///
    /// The handshake is answered when the handler first sends, receives, joins a room or calls `accept()`. What it
    /// throws before that is an ordinary HTTP answer: `try abort(.forbidden)` refuses the client. Leaving the handler
    /// closes with 1000, throwing with 1011.
    @discardableResult
    public mutating func webSocket<each Argument: PathArgument>(
        _ pattern: String, options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping @Sendable (WebSocket, repeat each Argument) async throws -> Void
    ) -> Route<repeat each Argument> {
        let endpoint = WebSocketEndpoint(options: options)
        return route(upgradingTo: "websocket", pattern) { (request, argument: repeat each Argument) in
            let socket = try WebSocket(request, endpoint: endpoint)
            return try await socket.answer { try await handler(socket, repeat each argument) }
        }
    }
}

extension ServerHandshake {
    /// Checks the request of a browser or another client (RFC 6455 §4.2.1).
    init(answering request: Request, options: WebSocketOptions) throws {
        try request.checkOrigin(options.origins)
        let question = HandshakeRequest(
            method: request.method.rawValue,
            upgrade: request.headers.ascii(.upgrade),
            connection: request.headers.ascii(.connection),
            version: request.headers.ascii(.secWebSocketVersion),
            key: request.headers.ascii(.secWebSocketKey),
            subprotocols: request.headers[.secWebSocketProtocol],
            extensions: request.headers[.secWebSocketExtensions]
        )
        do {
            try self.init(answering: question, subprotocols: options.subprotocols, deflate: options.compression)
        } catch {
            var fields = HTTPFields()
            for (name, value) in error.fields {
                if let name = HTTPField.Name(name) { fields[name] = value }
            }
            throw HTTPError(HTTPResponse.Status(code: error.status), "\(error)", headers: fields)
        }
    }
}
