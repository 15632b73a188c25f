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

    /// The offset in the log, from 1.
    let offset: UInt64
    let message: Message
    /// The message as a WebSocket frame, encoded once for all.
    let frame: ByteBuffer
    /// The only members that get the entry, by the bytes of their names; nil for everybody.
    let audience: [[UInt8]]?
    /// The subject, of which `SlowMembers.latest` keeps the newest entry only.
    let subject: [UInt8]?
    /// The change of presence, if the entry is one and no message.
    let change: RoomChange?
    /// Whether the entry marks a break, where entries may be lost.
    let isBreak: Bool
    /// The time of publication.
    let time: NIODeadline
    /// The size of all entries before this one, in bytes.
    let start: UInt64
    /// The number of messages before this one.
    let messagesBefore: UInt64
    let log: Log
    private let encodings = Mutex<Encodings?>(nil)

    /// A class: an entry that needs no other encoding than its frame has no space for them.
    private final class Encodings {
        var all = EntryEncodings()
    }

    init(_ post: RoomPost, after last: LogEntry.End, at time: NIODeadline, log: Log) {
        offset = last.offset + 1
        start = last.bytes
        messagesBefore = last.messages
        // A slice of the frame: the received bytes may keep the buffer of a whole read alive.
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

    /// The end of a log: the offset, size and number of messages up to there.
    struct End: Sendable {
        var offset: UInt64 = 0
        var bytes: UInt64 = 0
        var messages: UInt64 = 0
    }

    /// The end of the log with this entry. Each has a fixed cost too, which bounds a flood of empty messages.
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
    /// The item in a form for the script of a page.
    var script: ByteBuffer { encoding { $0.script(self) } }

    private func encoding(_ make: (inout EntryEncodings) -> ByteBuffer) -> ByteBuffer {
        encodings.withLock { encodings in
            let all = encodings ?? Encodings()
            encodings = all
            return make(&all.all)
        }
    }
}

/// A message, change or break to append to a room's log.
struct RoomPost: Sendable {
    var message: Message
    /// The only members that get the entry, by the bytes of their names; nil for everybody.
    var audience: [[UInt8]]?
    /// The subject, of which `SlowMembers.latest` keeps the newest entry only.
    var subject: [UInt8]?
    /// The change of presence, if the entry is one and no message.
    var change: RoomChange?
    /// Whether the entry marks a break, where entries may be lost.
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
