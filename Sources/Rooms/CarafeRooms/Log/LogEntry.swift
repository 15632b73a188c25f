import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// One message in a room's log.
final class LogEntry: Sendable {
    /// The properties that all entries of a log share.
    struct Log: Sendable {
        let epoch: String
        /// Whether messages are JSON, and not any text or bytes.
        let isJSON: Bool
    }

    /// The number of the entry in the log, from 1.
    let offset: UInt64
    let message: Message
    /// The message as a WebSocket frame, encoded once for all subscribers.
    let frame: ByteBuffer
    /// The members that the entry is for, by the bytes of their names; nil for all.
    let audience: [[UInt8]]?
    /// The subject of the message, about which only the newest one counts for slow subscribers.
    let subject: [UInt8]?
    /// The change of presence; nil for a message.
    let change: RoomChange?
    /// Whether the entry stands for entries that may be lost.
    let isBreak: Bool
    /// The time of publication.
    let time: NIODeadline
    /// The cost of all entries before this one, in bytes.
    let start: UInt64
    /// The number of messages among those.
    let messagesBefore: UInt64
    let log: Log
    private let encodings = Mutex<Encodings?>(nil)

    /// A box, so that an entry that only sockets read takes no memory for the other encodings.
    private final class Encodings {
        var all = EntryEncodings()
    }

    init(_ post: RoomPost, after last: LogEntry.End, at time: NIODeadline, log: Log) {
        offset = last.offset + 1
        start = last.bytes
        messagesBefore = last.messages
        // A slice of the frame, since the bytes that came may retain the buffer of a whole read.
        let frame = FrameEncoder.encode(.message(post.message))
        let length = post.message.bytes.readableBytes
        let bytes = frame.getSlice(at: frame.writerIndex - length, length: length) ?? ByteBuffer()
        message = Message(kind: post.message.kind, uncheckedBytes: bytes)
        self.frame = frame
        audience = post.audience
        subject = post.subject
        change = post.change
        isBreak = post.isBreak
        self.time = time
        self.log = log
    }

    /// The end of a log: the last offset, and the cost of all entries up to it.
    struct End: Sendable {
        var offset: UInt64 = 0
        var bytes: UInt64 = 0
        var messages: UInt64 = 0
    }

    /// The end of the log after this entry. Each entry costs 64 bytes more than its message, so that a flood of empty
    /// messages is bounded too.
    var end: End {
        End(
            offset: offset, bytes: start + UInt64(message.bytes.readableBytes) + 64,
            messages: messagesBefore + (change == nil && !isBreak ? 1 : 0))
    }

    func isFor(_ name: [UInt8]?) -> Bool {
        guard let audience else { return true }
        return name.map(audience.contains) ?? false
    }

    var position: RoomPosition { RoomPosition(offset: offset, epoch: log.epoch) }

    // MARK: On the wire

    var item: ByteBuffer { encoding { $0.item(self) } }
    var itemFrame: ByteBuffer { encoding { $0.frame(self) } }
    var event: ByteBuffer { encoding { $0.event(self) } }
    /// The item, escaped for a script element.
    var script: ByteBuffer { encoding { $0.script(self) } }

    private func encoding(_ make: (inout EntryEncodings) -> ByteBuffer) -> ByteBuffer {
        encodings.withLock { encodings in
            let all = encodings ?? Encodings()
            encodings = all
            return make(&all.all)
        }
    }
}

/// An entry before it is in a log.
struct RoomPost: Sendable {
    var message: Message
    /// The members that the entry is for, by the bytes of their names; nil for all.
    var audience: [[UInt8]]?
    /// The subject of the message, if the room's policy for slow subscribers is `latest`.
    var subject: [UInt8]?
    /// The change of presence; nil for a message.
    var change: RoomChange?
    /// Whether the entry stands for entries that may be lost. It has no content then.
    private(set) var isBreak = false

    static let `break` = {
        var post = RoomPost(Message(kind: .text, uncheckedBytes: ByteBuffer()))
        post.isBreak = true
        return post
    }()

    init(_ message: Message, to audience: [[UInt8]]? = nil, about subject: [UInt8]? = nil, change: RoomChange? = nil) {
        self.message = message
        self.audience = audience
        self.subject = subject
        self.change = change
    }
}
