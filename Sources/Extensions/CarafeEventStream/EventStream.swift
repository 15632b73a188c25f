public import CarafeApp
package import HTTPTypes
import NIOCore

/// A reply that sends events to a browser's `EventSource` for as long as its closure runs (WHATWG HTML §9.2).
///
/// ```swift
/// app.get("/prices") { request in
///     EventStream { events in
///         for await price in prices.after(request.lastEventID) {
///             try await events.send(json: price, event: "price", id: price.id)
///         }
///     }
/// }
/// ```
///
/// The closure's task is cancelled when the client leaves, and when the server begins to stop. A browser reconnects
/// when the stream ends, and sends the id of its last event; a response of 204 stops it.
public struct EventStream: Reply, Sendable {
    private let heartbeat: Duration?
    private let produce: @Sendable (EventSender) async throws -> Void

    /// Creates a stream.
    ///
    /// - Parameters:
    ///   - heartbeat: The time between the comments that keep proxies from closing a silent connection and detect a
    ///     client that is gone; nil for none.
    ///   - produce: Sends the events. The stream ends when it returns.
    public init(
        heartbeat: Duration? = .seconds(15), _ produce: @escaping @Sendable (EventSender) async throws -> Void
    ) {
        self.heartbeat = heartbeat
        self.produce = produce
    }

    /// Responds with the stream.
    public func response(to request: Request) -> Response {
        let connection = request.connection
        let coders = request.context.json
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-cache",
            // nginx buffers a response unless it is told not to.
            .xAccelBuffering: "no",
        ]
        var response = Response(headers: headers) { [heartbeat, produce] writer in
            let events = EventSender(writer: writer, coders: coders)
            let beats = heartbeat.map { Self.beat(every: $0, to: events, on: connection) }
            defer { beats?.cancel() }
            do {
                try await produce(events)
            } catch  where Task.isCancelled {
                // The client has left, or the server stops: the stream ends as a complete one does.
            }
        }
        response.isEndless = true
        return response
    }

    /// Sends comments in turn. The next one waits until the client has taken the last.
    private static func beat(every time: Duration, to events: EventSender, on connection: Connection) -> RepeatedTask {
        let eventLoop = connection.eventLoop
        let time = TimeAmount(time)
        return eventLoop.scheduleRepeatedAsyncTask(initialDelay: time, delay: time) { _ in
            let sent = eventLoop.makePromise(of: Void.self)
            Task.immediate(executorPreference: connection.executor) {
                do {
                    try await events.comment()
                    sent.succeed()
                } catch {
                    // The client has left, and no more comments follow.
                    sent.fail(error)
                }
            }
            return sent.futureResult
        }
    }
}

extension Request {
    /// The id of the last event that the browser received, sent when it reconnects. It is untrusted.
    public var lastEventID: String? {
        headers[.lastEventID].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension HTTPField.Name {
    // Force-unwrap is safe: these literals are valid field names.
    package static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering")!
    package static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
