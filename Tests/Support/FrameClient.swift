package import CarafeWebSocketCodec
import NIOCore

/// A WebSocket client over a real port that sends frames as the test says.
package final class FrameClient {
    package let socket: SocketClient
    private var decoder = MessageDecoder(role: .client, limits: MessageLimits(messageLimit: 64 << 20))

    private init(socket: SocketClient) {
        self.socket = socket
    }

    /// The request that opens a WebSocket.
    package static func handshake(_ path: String, host: String = "127.0.0.1", fields: [(String, String)] = []) -> String
    {
        let all = [("Host", host)] + ClientHandshake().fields.map { ($0.name, $0.value) } + fields
        return "GET \(path) HTTP/1.1\r\n" + all.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n"
    }

    /// Opens a WebSocket; `early` are frames that go out with the handshake, before its answer.
    package static func open(
        port: Int, _ path: String, fields: [(String, String)] = [], early: [Frame] = []
    ) async throws -> FrameClient {
        let client = FrameClient(socket: try await SocketClient.connect(port: port))
        var bytes = ByteBuffer(string: handshake(path, fields: fields))
        bytes.writeImmutableBuffer(FrameEncoder.encode(early, role: .client))
        try await client.socket.send(bytes)
        let head = await client.socket.receive(until: "\r\n\r\n")
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw HandshakeRefusedError(head: head) }
        return client
    }

    package func send(_ text: String) async throws {
        try await send([.message(.text(text))])
    }

    package func send(_ frames: [Frame]) async throws {
        try await socket.send(FrameEncoder.encode(frames, role: .client))
    }

    /// Whatever comes next, or nil when the server has closed the connection.
    package func nextEvent() async -> MessageDecoder.Event? {
        while true {
            if let event = decoder.next() { return event }
            guard var bytes = await socket.receive() else { return nil }
            decoder.receive(&bytes)
        }
    }

    /// The next text; nil when there is none to come.
    package func receiveText() async -> String? {
        while let event = await nextEvent() {
            if case .message(let message) = event { return message.text }
        }
        return nil
    }

    /// Returns the code of the server's close frame; nil when the connection ended without one.
    package func closeCode() async -> CloseCode? {
        while let event = await nextEvent() {
            if case .close(let code, _) = event { return code }
        }
        return nil
    }

    /// Closes as a browser does.
    package func close() async throws {
        try? await send([.close(.normalClosure)])
        _ = await closeCode()
        try await socket.close()
    }
}

/// The server's no, as it came.
package struct HandshakeRefusedError: Error {
    package var head: String
}
