import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// Counts the open connections, and decides what becomes of a new one.
final class ConnectionGate: Sendable {
    enum Verdict {
        case served
        /// To be told so by a 503.
        case refused
        /// Too many are being refused already.
        case dropped
    }

    /// Connections that are told why they are refused at a time.
    private static let refusals = 100
    /// The time that those may take.
    private static let refusalTime = Duration.seconds(5)

    private let open: ClientCount
    private let refused = ClientCount(limit: refusals)
    private let configuration: ServerConfiguration
    private let line: RareLine

    init(_ configuration: ServerConfiguration) {
        self.configuration = configuration
        let limits = configuration.limits
        open = ClientCount(limit: limits.connections, limitPerAddress: limits.connectionsPerAddress)
        line = RareLine(configuration.logger)
    }

    /// Counts a connection, until it is closed.
    func admit(_ channel: any Channel) -> Verdict {
        let address = channel.remoteAddress?.ipAddress
        for (count, verdict) in [(open, Verdict.served), (refused, .refused)] where count.enter(from: address) {
            channel.closeFuture.whenComplete { _ in count.leave(from: address) }
            if verdict == .refused { note(at: channel.eventLoop.now) }
            return verdict
        }
        note(at: channel.eventLoop.now)
        return .dropped
    }

    private func note(at now: NIODeadline) {
        let limits = configuration.limits
        let perAddress = limits.connectionsPerAddress == .max ? "" : ", \(limits.connectionsPerAddress) of an address"
        line.write("connections are refused: \(limits.connections) may be open\(perAddress)", at: now)
    }

    /// Answers every request of a connection that is refused with 503, and has that closed.
    func refusal(on channel: any Channel) -> HTTPService {
        var configuration = configuration
        configuration.timeouts.head = min(configuration.timeouts.head, Self.refusalTime)
        configuration.timeouts.body = min(configuration.timeouts.body, Self.refusalTime)
        configuration.timeouts.idle = min(configuration.timeouts.idle, Self.refusalTime)
        // Weak: the channel holds the service.
        let handler: Handler = { [weak channel] request in
            // A connection of HTTP/2 ends when its streams have (RFC 9113 §6.8).
            if request.connection.isMultiplexed, let channel {
                channel.eventLoop.execute {
                    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
                }
            }
            var response = Response(.serviceUnavailable, text: "Too many connections are open.")
            response.headers[.retryAfter] = "5"
            response.headers[.connection] = "close"
            return response
        }
        return HTTPService(handler: handler, configuration: configuration)
    }
}
