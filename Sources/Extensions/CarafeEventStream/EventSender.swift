import CarafeApp
import NIOCore

/// Sends events to one client; each call returns when there is room for the next event, and throws when the client has
/// left.
public struct EventSender: Sendable {
    let writer: BodyWriter
    let coders: JSONCoders

    /// Sends an event.
    public func send(_ event: ServerSentEvent) async throws {
        try await writer.write(event.text)
    }

    /// Sends a text.
    public func send(_ data: String, event: String? = nil, id: String? = nil) async throws {
        try await send(ServerSentEvent(data: data, event: event, id: id))
    }

    /// Sends a value as JSON, by the app's coders.
    public func send(json value: some Encodable, event: String? = nil, id: String? = nil) async throws {
        try await send(ServerSentEvent(data: String(buffer: try coders.encode(value)), event: event, id: id))
    }

    /// Sends what browsers pass over, to keep a connection from looking idle.
    public func comment(_ text: String = "") async throws {
        try await writer.write(ServerSentEvent.comment(text))
    }
}
