import CarafeApp
import CoreMetrics
import HTTPTypes
import Synchronization

/// The metrics of requests and sockets, each created once.
final class RequestSeries: Sendable {
    struct Labels: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    private struct Series {
        var count: Counter
        var duration: Timer
    }

    let active: Meter
    let sentBytes: Counter
    let openSockets: Meter
    let openedSockets: Counter
    let socketBytesReceived: Counter
    let socketBytesSent: Counter
    private let closedSockets: [Int: Counter]
    private let closedOtherwise: Counter
    private let factory: any MetricsFactory
    private let series = Mutex<[Labels: Series]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        active = Meter(label: "http_server_active_requests", factory: factory)
        sentBytes = Counter(label: "http_server_response_body_bytes_total", factory: factory)
        openSockets = Meter(label: "websocket_open", factory: factory)
        openedSockets = Counter(label: "websocket_opened_total", factory: factory)
        socketBytesReceived = Counter(label: "websocket_received_bytes_total", factory: factory)
        socketBytesSent = Counter(label: "websocket_sent_bytes_total", factory: factory)
        func closed(_ code: String) -> Counter {
            Counter(label: "websocket_closed_total", dimensions: [("code", code)], factory: factory)
        }
        // RFC 6455 §7.4.1: the codes of the protocol. All codes of apps and clients share one series.
        closedSockets = Dictionary(uniqueKeysWithValues: (1000...1015).map { ($0, closed("\($0)")) })
        closedOtherwise = closed("other")
    }

    func noteClose(_ code: Int) {
        (closedSockets[code] ?? closedOtherwise).increment()
    }

    func labels(of request: Request, _ status: Int) -> Labels {
        Labels(method: Self.name(of: request.method), route: request.routePattern ?? "none", status: status)
    }

    func note(_ labels: Labels, nanoseconds: Int64) {
        let series = series.withLock { all in
            if let known = all[labels] { return known }
            let made = make(labels)
            all[labels] = made
            return made
        }
        series.count.increment()
        series.duration.recordNanoseconds(nanoseconds)
    }

    private func make(_ labels: Labels) -> Series {
        let route = [("method", labels.method), ("route", labels.route)]
        return Series(
            count: Counter(
                label: "http_server_requests_total", dimensions: route + [("status", "\(labels.status)")],
                factory: factory),
            duration: Timer(label: "http_server_request_duration_seconds", dimensions: route, factory: factory))
    }

    private static func name(of method: HTTPRequest.Method) -> String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .connect, .options, .trace, .patch]
        return known.contains(method) ? method.rawValue : "other"
    }
}
