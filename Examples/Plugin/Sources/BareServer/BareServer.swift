public import Carafe
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves an app by SwiftNIO's HTTP/1.1 alone, to show what any other server has to do for a handler.
///
/// It has no time limits, and speaks neither TLS nor WebSocket: Carafe's own `Server` does.
public struct BareServer: Sendable {
    private typealias Client = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private let handler: Handler

    /// Creates a server.
    ///
    /// - Parameter handler: Answers the requests, for example `try app.makeHandler()`.
    public init(_ handler: @escaping Handler) {
        self.handler = handler
    }

    /// Serves on a free port of 127.0.0.1 until its task is cancelled.
    ///
    /// - Parameter onListening: Gets the port.
    /// - Throws: The system's error for a port that cannot be opened.
    public func run(onListening: @Sendable (_ port: Int) -> Void) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Client(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        onListening(listener.channel.localAddress?.port ?? 0)
        await withDiscardingTaskGroup { group in
            try? await listener.executeThenClose { clients in
                for try await client in clients { group.addTask { await serve(client) } }
            }
            group.cancelAll()
        }
    }

    private func serve(_ client: Client) async {
        let connection = Connection(eventLoop: client.channel.eventLoop, peerAddress: client.channel.remoteAddress)
        // An error is a client that has left, or does not speak HTTP.
        try? await client.executeThenClose { inbound, outbound in
            let parts = RequestParts(inbound)
            while let head = try await parts.nextHead() {
                let response = try await handler(Request(head, parts, connection: connection))
                do {
                    try await Self.send(response, to: head, outbound)
                    response.reportEnd(.sent)
                } catch {
                    response.reportEnd(.brokenOff)
                    throw error
                }
                guard head.isKeepAlive, head.method != .HEAD || response.body.length != nil else { break }
            }
            // Closes this side once all is sent, and the other when the client has closed: an earlier close could lose
            // the end of a response.
            outbound.finish()
            _ = try await parts.nextHead()
        }
    }

    private static func send(
        _ response: Response, to head: HTTPRequestHead,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        try await outbound.write(.head(HTTPResponseHead(response, to: head)))
        if head.method != .HEAD, response.status.mayHaveBody {
            try await response.body.write(
                to: BodyWriter { piece in try await outbound.write(.body(.byteBuffer(piece))) })
        } else if response.body.length == nil {
            // SwiftNIO would send the last chunk of a body that does not exist.
            return
        }
        try await outbound.write(.end(nil))
    }
}
