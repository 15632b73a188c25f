/// The answer to a key: proof that the server speaks WebSocket and has read this request (RFC 6455 §4.2.2).
package enum AcceptValue {
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    package static func make(for key: String) -> String {
        Base64.encode(SHA1.digest((key + suffix).utf8))
    }
}
