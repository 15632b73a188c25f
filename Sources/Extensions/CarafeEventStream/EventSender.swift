import CarafeApp
import NIOCore

/// A sender of events to one client. Each call returns when the stream is writable again, and throws when the client
/// has left.
public struct EventSender: Sendable {
    let writer: BodyWriter
    let coders: JSONCoders

    /// Sends an event.
    public func send(_ event: ServerSentEvent) async throws {
        try await writer.write(event.bytes)
    }

    /// Sends a text as an event.
    public func send(_ data: String, event: String? = nil, id: String? = nil) async throws {
        try await send(ServerSentEvent(data: data, event: event, id: id))
    }

    /// Sends a value as JSON in an event, by the app's coders.
    public func send(json value: some Encodable, event: String? = nil, id: String? = nil) async throws {
        try await send(ServerSentEvent(data: String(buffer: try coders.encode(value)), event: event, id: id))
    }

    /// Sends a comment, which browsers ignore, so that the connection does not look idle.
    public func comment(_ text: String = "") async throws {
        try await writer.write(ServerSentEvent.comment(text))
    }
}
