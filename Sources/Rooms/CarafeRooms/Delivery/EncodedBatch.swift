import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// Entries for the same subscribers, one after the other, encoded once for all of them.
struct EncodedBatch {
    let entries: ArraySlice<LogEntry>
    /// As they are.
    let frames: ByteBuffer
    /// With what became smaller compressed; nil where nothing did, or nobody wants it.
    let compressed: CompressedBatch?

    /// Of entries for the same members; nil where none is for those of this payload.
    init?(
        _ run: ArraySlice<LogEntry>, as payload: SocketSubscriber.Payload, compressedBy compression: Compression?,
        at now: NIODeadline
    ) {
        // Who comes and who goes is told to those who read by the room's route.
        let entries = payload == .items ? run : run.filter { $0.change == nil }[...]
        if entries.isEmpty { return nil }
        self.entries = entries
        frames = Self.joined(entries) { payload == .plain ? $0.frame : $0.itemFrame }
        compressed = compression.flatMap { CompressedBatch(entries, as: payload, by: $0, at: now) }
    }

    func send(to connection: WebSocketConnection, compression: Compression?) {
        if let compressed, compressed.suits(compression) {
            connection.enqueue(compressed.frames, areCompressed: true)
        } else {
            connection.enqueue(frames)
        }
    }

    /// Cuts entries where those change who get them.
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

    /// The bytes of entries, one after the other.
    static func joined(_ entries: ArraySlice<LogEntry>, _ bytes: (LogEntry) -> ByteBuffer) -> ByteBuffer {
        if entries.count == 1, let only = entries.first { return bytes(only) }
        let parts = entries.map(bytes)
        var joined = ByteBuffer()
        joined.reserveCapacity(parts.reduce(0) { $0 + $1.readableBytes })
        for part in parts { joined.writeImmutableBuffer(part) }
        return joined
    }
}

/// Messages one after the other, compressed where that made them smaller.
struct CompressedBatch {
    private(set) var frames = ByteBuffer()
    /// The window that a reader must have; 0 while nothing is compressed.
    private var windowBits = 0

    /// Nil where nothing became smaller.
    init?(
        _ entries: ArraySlice<LogEntry>, as payload: SocketSubscriber.Payload, by compression: Compression,
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
