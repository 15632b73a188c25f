import CarafeApp
import CarafeWebSocketCodec

/// The coding of a room's messages: to the wire, and back.
struct RoomCoding<Element: Sendable>: Sendable {
    let encode: @Sendable (Element) throws -> Message
    /// Decodes a message, or throws `DecodingError`.
    let decode: @Sendable (Message) throws -> Element
}

extension RoomCoding where Element == Message {
    static let any = RoomCoding(encode: { $0 }, decode: { $0 })
}

extension RoomCoding where Element: Codable {
    static func json(_ coders: JSONCoders) -> RoomCoding {
        RoomCoding(
            encode: { try Message(json: $0, coders: coders) }, decode: { try $0.json(Element.self, coders: coders) })
    }
}
