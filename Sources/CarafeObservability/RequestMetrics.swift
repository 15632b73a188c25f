public import CarafeApp
public import CoreMetrics
import HTTPTypes
import NIOCore

/// Counts and times what the app answers, for whatever backend swift-metrics has.
///
/// | metric | labels |
/// |---|---|
/// | `http_server_requests_total` | `method`, `route`, `status` |
/// | `http_server_request_duration_seconds` | `method`, `route` |
/// | `http_server_active_requests` | |
/// | `http_server_response_body_bytes_total` | |
/// | `websocket_open`, `websocket_opened_total` | |
/// | `websocket_closed_total` | `code` |
/// | `websocket_received_bytes_total`, `websocket_sent_bytes_total` | |
///
/// A socket that was dropped shows by its close code: 1013 did not keep up, 1008 broke a limit, 1009 sent too much, 1006
/// was gone. A route is its pattern, and a method that is none of RFC 9110's is `other`, so that no client makes new series. What
/// comes from a middleware that was installed before is not counted: install it first.
public struct RequestMetrics: Extension {
    private let series: RequestSeries

    /// Without a factory, that of `MetricsSystem`.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        series = RequestSeries(factory: factory)
    }

    public func install(in app: inout App) {
        app.keepsRoutePatterns = true
        app.use { [series] request, next in
            let start = request.connection.eventLoop.now
            series.active.increment()
            defer { series.active.decrement() }
            func note(_ status: HTTPResponse.Status) {
                let time = request.connection.eventLoop.now - start
                series.note(request, status.code, nanoseconds: time.nanoseconds)
            }
            do {
                var response = try await next(request)
                note(response.status)
                count(&response)
                return response
            } catch {
                // Of a middleware inside: the app answers it further out.
                // A task is cancelled when its client has left.
                note(Task.isCancelled ? .clientClosedRequest : (error as? HTTPError)?.status ?? .internalServerError)
                throw error
            }
        }
    }

    private func count(_ response: inout Response) {
        if let upgrade = response.upgrade {
            guard upgrade.protocolName == "websocket" else { return }
            response.upgrade = Upgrade(protocolName: upgrade.protocolName) { [series] channel in
                // Before the protocol's own handlers, which then stand behind this one.
                try channel.pipeline.syncOperations.addHandler(ByteCounter(series))
                try upgrade.take(channel)
            }
        } else if let length = response.body.length {
            series.sentBytes.increment(by: length)
        } else if case .stream(let produce) = response.body {
            response.body = .stream { [series] writer in
                let now = { @Sendable (piece: ByteBuffer) in
                    guard try writer.writeNow(piece) else { return false }
                    series.sentBytes.increment(by: piece.readableBytes)
                    return true
                }
                try await produce(
                    BodyWriter(now: writer.canWriteNow ? now : nil) { piece in
                        series.sentBytes.increment(by: piece.readableBytes)
                        try await writer.write(piece)
                    })
            }
        }
    }
}
