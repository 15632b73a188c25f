import CarafeApp
import CarafeWebSocketCodec

/// How the messages of a room's type become those of the wire, and back.
struct RoomCoding<Element: Sendable>: Sendable {
    let encode: @Sendable (Element) throws -> Message
    /// Throws `DecodingError`.
    let decode: @Sendable (Message, JSONCoders) throws -> Element
}

extension RoomCoding where Element == Message {
    static let any = RoomCoding(encode: { $0 }, decode: { message, _ in message })
}

extension RoomCoding where Element: Codable {
    static var json: RoomCoding {
        RoomCoding(encode: { try Message(json: $0) }, decode: { try $0.json(Element.self, coders: $1) })
    }
}
