import CarafeWebSocketCodec
import CarafeWebSocketConnection
import NIOCore

/// Entries for the same members, one after the other, in the bytes that these get.
struct RoomBurst {
    let entries: ArraySlice<RoomEntry>
    /// Who alone gets them; nil for everybody.
    let audience: [UInt8]?
    /// As they are.
    let frames: ByteBuffer
    /// With what became smaller compressed; nil where nothing did, or nobody wants it.
    let compressed: CompressedRun?

    /// - Precondition: entries are not empty, and all for the same members.
    init(_ entries: ArraySlice<RoomEntry>, compressedBy compression: Compression?, at now: NIODeadline) {
        self.entries = entries
        audience = entries[entries.startIndex].audience
        frames = Self.joined(entries)
        compressed = compression.flatMap { CompressedRun(entries, by: $0, at: now) }
    }

    /// The offset of the newest entry.
    var last: UInt64 { entries[entries.endIndex - 1].offset }

    func send(to connection: WebSocketConnection, compression: Compression?) {
        if let compressed, compressed.suits(compression) {
            connection.enqueue(compressed.frames, areCompressed: true)
        } else {
            connection.enqueue(frames)
        }
    }

    /// Cuts entries where those change who get them.
    static func runs(of entries: [RoomEntry]) -> [ArraySlice<RoomEntry>] {
        var runs: [ArraySlice<RoomEntry>] = []
        var start = 0
        for index in entries.indices.dropFirst() where entries[index].audience != entries[start].audience {
            runs.append(entries[start..<index])
            start = index
        }
        if start < entries.endIndex { runs.append(entries[start...]) }
        return runs
    }

    private static func joined(_ entries: ArraySlice<RoomEntry>) -> ByteBuffer {
        guard entries.count > 1 else { return entries[entries.startIndex].frame }
        var frames = ByteBuffer()
        frames.reserveCapacity(entries.reduce(0) { $0 + $1.frame.readableBytes })
        for entry in entries { frames.writeImmutableBuffer(entry.frame) }
        return frames
    }
}

/// Messages one after the other, compressed where that made them smaller.
struct CompressedRun {
    private(set) var frames = ByteBuffer()
    /// The window that a reader must have; 0 while nothing is compressed.
    private var windowBits = 0

    /// Nil where nothing became smaller.
    init?(_ entries: ArraySlice<RoomEntry>, by compression: Compression, at now: NIODeadline) {
        compression.compressors.use(at: now) { pool in
            for entry in entries { append(pool.share(entry.message)) }
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
