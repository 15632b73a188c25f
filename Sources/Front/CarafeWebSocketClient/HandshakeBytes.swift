import CarafeWebSocketCodec
import HTTPTypes
import NIOCore

extension ClientHandshake {
    /// The request as it goes over the wire (RFC 6455 §4.1), with further fields of the app.
    func bytes(to url: WebSocketURL, headers: HTTPFields) throws(WebSocketClientError) -> ByteBuffer {
        if let wrong = wrongSubprotocol { throw .badSubprotocol(wrong) }
        let own = fields
        let taken = Set(
            own.map { $0.name.lowercased() } + [
                "host", "content-length", "transfer-encoding", "sec-websocket-protocol", "sec-websocket-extensions",
            ])
        var bytes = ByteBuffer(string: "GET \(url.resource) HTTP/1.1\r\nHost: \(url.authority)\r\n")
        for (name, value) in own { bytes.writeString("\(name): \(value)\r\n") }
        for field in headers {
            guard !taken.contains(field.name.canonicalName) else { throw .badField(field.name.rawName) }
            bytes.writeString("\(field.name.rawName): \(field.value)\r\n")
        }
        bytes.writeString("\r\n")
        return bytes
    }
}
