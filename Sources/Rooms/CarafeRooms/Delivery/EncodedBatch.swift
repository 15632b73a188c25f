import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// The entries for one audience, in one encoding for all its sockets.
struct EncodedBatch {
    let entries: ArraySlice<LogEntry>
    /// The entries as frames, not compressed.
    let frames: ByteBuffer
    /// The frames, each compressed if that is smaller; nil if none is, or no socket has compression.
    let compressed: CompressedBatch?

    /// Encodes entries for the same audience; nil if none is for sockets with this payload.
    init?(
        _ run: ArraySlice<LogEntry>, as payload: SocketPayload, compressedBy compression: Compression?,
        at now: NIODeadline
    ) {
        // Only subscribers of the room's route get changes of presence.
        let entries = payload == .items ? run : run.filter { $0.kind == .message }[...]
        if entries.isEmpty { return nil }
        self.entries = entries
        frames = Self.joined(entries) { payload == .plain ? $0.frame : $0.itemFrame }
        compressed = compression.flatMap { CompressedBatch(entries, as: payload, by: $0, at: now) }
    }

    /// Sends the frames, which wait if the peer does not keep up.
    func send(to connection: WebSocketConnection, compression: Compression?) {
        if let compressed, compressed.suits(compression) {
            connection.enqueue(compressed.frames, areCompressed: true)
        } else {
            connection.enqueue(frames)
        }
    }

    /// Sends the frames at once; returns false if they would have to wait.
    func send(to writer: FrameWriter, compression: @autoclosure () -> Compression?) -> Bool {
        if let compressed, compressed.suits(compression()) {
            writer.writeNow(compressed.frames, areCompressed: true)
        } else {
            writer.writeNow(frames)
        }
    }

    /// Splits entries into runs with the same audience.
    static func runs(of entries: [LogEntry]) -> [ArraySlice<LogEntry>] {
        var runs: [ArraySlice<LogEntry>] = []
        var start = 0
        for index in entries.indices.dropFirst() where entries[index].audience != entries[start].audience {
            runs.append(entries[start..<index])
            start = index
        }
        if start < entries.endIndex { runs.append(entries[start...]) }
        return runs
    }

    /// Returns the joined bytes of entries.
    static func joined(_ entries: ArraySlice<LogEntry>, _ bytes: (LogEntry) -> ByteBuffer) -> ByteBuffer {
        if entries.count == 1, let only = entries.first { return bytes(only) }
        let parts = entries.map(bytes)
        var joined = ByteBuffer()
        joined.reserveCapacity(parts.reduce(0) { $0 + $1.readableBytes })
        for part in parts { joined.writeImmutableBuffer(part) }
        return joined
    }
}

/// Frames, each compressed if that is smaller.
struct CompressedBatch {
    private(set) var frames = ByteBuffer()
    /// The window that a receiver needs; 0 without a compressed frame.
    private var windowBits = 0

    /// Compresses entries; nil if no frame became smaller.
    init?(
        _ entries: ArraySlice<LogEntry>, as payload: SocketPayload, by compression: Compression,
        at now: NIODeadline
    ) {
        compression.compressors.use(at: now) { pool in
            for entry in entries { append(pool.share(payload == .plain ? entry.message : .json(entry.item))) }
        }
        if windowBits == 0 { return nil }
    }

    private mutating func append(_ message: SharedMessage) {
        FrameEncoder.append(message.compressed ?? message.plain, to: &frames)
        if message.compressed != nil { windowBits = max(windowBits, message.windowBits) }
    }

    func suits(_ compression: Compression?) -> Bool {
        guard let compression else { return false }
        return windowBits <= compression.parameters.serverMaxWindowBits
    }
}
