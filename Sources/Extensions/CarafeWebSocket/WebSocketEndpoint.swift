import CarafeApp
import CarafeHTTP
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import HTTPTypes
import NIOCore

/// The options, counts and compressors that all sockets of a route share.
final class WebSocketEndpoint: Sendable {
    let options: WebSocketOptions
    let limits: SharedLimits
    private let count: ClientCount
    private let compression: RouteCompression?

    init(options: WebSocketOptions) {
        self.options = options
        limits = SharedLimits(options.limits)
        count = ClientCount(limit: options.connectionLimit, limitPerAddress: options.connectionLimitPerAddress)
        compression = RouteCompression(options.compression)
    }

    /// Answers a handshake, and counts its socket in, or throws the refusal.
    func enter(_ request: Request) throws -> ServerHandshake {
        guard request.headers.lines.readableBytes <= options.handshakeLimit else {
            throw HTTPError(
                .requestHeaderFieldsTooLarge, "Expected at most \(options.handshakeLimit) bytes of header fields.")
        }
        let handshake = try ServerHandshake(answering: request, options: options)
        guard count.enter(from: request.remoteAddress) else {
            // RFC 9110 §15.6.4.
            throw HTTPError(.serviceUnavailable, "Too many connections are open.", headers: [.retryAfter: "5"])
        }
        return handshake
    }

    func leave(_ request: Request) {
        count.leave(from: request.remoteAddress)
    }

    func compression(for handshake: ServerHandshake, on executor: EventLoopExecutor) -> Compression? {
        guard let agreed = handshake.deflate, let compression else { return nil }
        return Compression(parameters: agreed.parameters, compressors: compression.compressors(on: executor))
    }
}
