import Carafe
import Logging
import NIOCore

// What an author of plugins writes, with public calls only: `CompilerMessagesTests` compiles this file outside of the
// package too.

/// Writes a streamed body in capitals, with a line of its own around it, and counts what the app wrote.
func shout(_ count: @escaping @Sendable (Int) -> Void) -> Middleware {
    { request, next in
        var response = try await next(request)
        response.body = response.body.wrapped { writer, produce in
            try await writer.write("<")
            let loud = BodyWriter { piece in try await writer.write(String(buffer: piece).uppercased()) }
            try await produce(loud.onWrite { count($0.readableBytes) })
            try await writer.write(">")
        }
        return response
    }
}

/// Reports the ending of each response.
func tellEnd(_ tell: @escaping @Sendable (Response.Ending) -> Void) -> Middleware {
    { request, next in
        var response = try await next(request)
        response.onEnd(tell)
        return response
    }
}

/// Names the user in every line of the log that is written for a request.
let nameUser: Middleware = { request, next in
    var request = request
    request.logger[metadataKey: "user"] = "ann"
    return try await next(request)
}

/// Answers a request without Carafe's server.
func answer(_ app: App, _ target: String, on eventLoop: any EventLoop, logger: Logger) async throws -> String {
    let handler = try app.makeHandler()
    let connection = Connection(
        eventLoop: eventLoop, peerAddress: try SocketAddress(ipAddress: "192.0.2.1", port: 5), logger: logger)
    let request = try Request(
        method: .post, target: target, authority: "own.example", headers: [.accept: "text/plain"],
        body: ByteBuffer(string: "body"), connection: connection)
    let response = try await handler(request)
    let body = String(buffer: try await response.body.collect())
    response.reportEnd(.sent)
    return "\(response.status.code) \(body)"
}
