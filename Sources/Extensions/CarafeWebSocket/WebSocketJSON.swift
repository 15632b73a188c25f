public import CarafeApp
public import CarafeWebSocketCodec
import HTTPTypes

extension Message {
    /// A value as a text message of JSON.
    public init(json value: some Encodable, coders: JSONCoders = .standard) throws {
        // JSON is UTF-8 (RFC 8259 §8.1), so that there is nothing to check.
        self.init(kind: .text, uncheckedBytes: try coders.encode(value))
    }

    /// The value that the message holds as JSON; throws `DecodingError`, whose `explanation` may be shown to the peer.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self, coders: JSONCoders = .standard) throws -> Value
    {
        try coders.decode(type, from: bytes)
    }
}

extension WebSocket {
    /// Sends a value as a text message of JSON.
    public func send(json value: some Encodable) async throws {
        try await send(Message(json: value, coders: request.context.json))
    }

    /// Takes each message as JSON until the connection ends.
    ///
    /// A message that does not decode, and one for which `body` throws an error that answers for itself (`abort`, or a
    /// `Reply` with a description, such as `RoomError`), gets `{"error": "…"}` back; the connection goes on.
    public func receive<Value: Decodable>(
        json type: Value.Type, _ body: (Value) async throws -> Void
    ) async throws {
        while let message = try await receive() {
            do {
                try await body(try message.json(type, coders: request.context.json))
            } catch let error as DecodingError {
                try await send(json: ["error": error.explanation])
            } catch let error as HTTPError {
                try await send(json: ["error": error.message ?? error.status.reasonPhrase])
            } catch let error as any Error & Reply & CustomStringConvertible {
                try await send(json: ["error": "\(error)"])
            }
        }
    }
}
