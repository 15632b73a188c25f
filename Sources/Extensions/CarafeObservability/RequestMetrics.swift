public import CarafeApp
public import CoreMetrics
import HTTPTypes
import NIOCore

/// Counts and times requests, for any backend of swift-metrics.
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
/// A request lasts until its response, including the body, was sent; that of a WebSocket until its handshake.
///
/// The close code shows why a socket was dropped: 1013 did not keep up, 1008 broke a limit, 1009 sent too much, 1006
/// vanished. A route is labelled by its pattern, and a method outside RFC 9110 as `other`, so that clients cannot
/// create series. Responses of a middleware that was installed earlier are not counted: install this one first.
public struct RequestMetrics: Extension {
    private let series: RequestSeries

    /// Creates the extension.
    ///
    /// - Parameter factory: The backend; by default that of `MetricsSystem`.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        series = RequestSeries(factory: factory)
    }

    /// Adds a middleware that counts and times requests.
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
            // Created here, so that a long stream does not retain its request.
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
                // Before the protocol's own handlers, which are then behind this one.
                try channel.pipeline.syncOperations.addHandler(ByteCounter(series))
                try upgrade.start(channel)
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
