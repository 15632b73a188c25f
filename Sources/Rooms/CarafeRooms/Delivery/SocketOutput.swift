import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// The content of the messages that a socket gets.
enum SocketPayload {
    /// Messages as they were published.
    case plain
    /// Items of the room's route, with their positions.
    case items
}

/// The output of a room on one socket.
struct SocketOutput {
    let socket: WebSocket
    /// The bytes of the member's name.
    let name: [UInt8]?
    let payload: SocketPayload
    /// Whether the client has asked for a message with each ping, since a page cannot see pings.
    let wantsBeat: Bool

    init(_ socket: WebSocket, name: [UInt8]?, payload: SocketPayload, wantsBeat: Bool) {
        self.socket = socket
        self.name = name
        self.payload = payload
        self.wantsBeat = wantsBeat
    }

    /// Sends where the socket begins, if it gets items.
    func sendBeginning(
        _ position: RoomPosition, after gap: RoomGap?, list: ByteBuffer?, on connection: WebSocketConnection
    ) {
        guard payload == .items else { return }
        let beat = startBeat(on: connection)
        let item = gap?.item(list: list, beat: beat) ?? position.item(list: list, beat: beat)
        connection.enqueue(FrameEncoder.encode(.message(.json(item))))
    }

    /// Sends a gap with the names of the members, if the socket gets items.
    func send(_ gap: RoomGap, list: ByteBuffer?, on connection: WebSocketConnection) {
        guard payload == .items else { return }
        connection.enqueue(FrameEncoder.encode(.message(.json(gap.item(list: list)))))
    }

    /// Sends the entries of a batch that are for this member while `mayWrite` is true.
    ///
    /// - Returns: The offset up to which the batch was sent.
    func send(_ batch: LogBatch, on connection: WebSocketConnection, while mayWrite: () -> Bool) -> UInt64 {
        for run in EncodedBatch.runs(of: batch.entries.filter { $0.isFor(name) }) {
            guard mayWrite() else { return run[run.startIndex].offset - 1 }
            let compression = socket.compression
            EncodedBatch(run, as: payload, compressedBy: compression, at: socket.executor.eventLoop.now)?
                .send(to: connection, compression: compression)
        }
        return batch.last
    }

    /// Starts the message with each ping, if the client has asked for it; returns its interval in seconds.
    private func startBeat(on connection: WebSocketConnection) -> Int64? {
        guard wantsBeat else { return nil }
        let seconds = max(connection.pingInterval.nanoseconds / 1_000_000_000, 1)
        connection.beat = ByteBuffer(string: "{\"beat\":\(seconds)}")
        return seconds
    }
}
