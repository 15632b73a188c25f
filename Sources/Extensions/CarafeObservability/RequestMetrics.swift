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
/// A request lasts until its response was sent, the body included; a WebSocket's until its handshake.
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
            let eventLoop = request.connection.eventLoop
            let start = eventLoop.now
            series.active.increment()
            var response: Response
            do {
                response = try await next(request)
            } catch {
                series.active.decrement()
                throw error
            }
            count(&response)
            // Made here, so that a stream that lasts does not keep its request.
            let labels = series.labels(of: request, response.status.code)
            response.onEnd { _ in
                series.note(labels, nanoseconds: (eventLoop.now - start).nanoseconds)
                series.active.decrement()
            }
            return response
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
        } else {
            response.body = response.body.wrapped { [series] writer, produce in
                try await produce(writer.onWrite { series.sentBytes.increment(by: $0.readableBytes) })
            }
        }
    }
}
