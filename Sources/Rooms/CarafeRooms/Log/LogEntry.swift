import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// One message in a room's log.
final class LogEntry: Sendable {
    /// What the entries of a log have in common.
    struct Log: Sendable {
        let epoch: String
        /// Whether messages are JSON, and not any text or bytes.
        let isJSON: Bool
    }

    /// Its place in the log, from 1.
    let offset: UInt64
    let message: Message
    /// The message as a WebSocket frame, encoded once for all.
    let frame: ByteBuffer
    /// Who alone get it, by the bytes of their names; nil for everybody.
    let audience: [[UInt8]]?
    /// What it is about, where a newer one of the same takes its place.
    let subject: [UInt8]?
    /// Who came or went, where it is that and no message.
    let change: RoomChange?
    /// Whether it stands for entries that may be lost.
    let isBreak: Bool
    /// When it was published.
    let time: NIODeadline
    /// What all entries before this one cost, in bytes.
    let start: UInt64
    /// How many of those were messages.
    let messagesBefore: UInt64
    let log: Log
    private let encodings = Mutex<Encodings?>(nil)

    /// Apart, so that a message that nobody asks for in another encoding costs no place for them.
    private final class Encodings {
        var all = EntryEncodings()
    }

    init(_ post: RoomPost, after last: LogEntry.End, at time: NIODeadline, log: Log) {
        offset = last.offset + 1
        start = last.bytes
        messagesBefore = last.messages
        // The bytes of the frame and not those that came, which may hold on to a whole read.
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

    /// Where a log ends: its offset, and what all entries up to there cost.
    struct End: Sendable {
        var offset: UInt64 = 0
        var bytes: UInt64 = 0
        var messages: UInt64 = 0
    }

    /// Where the log ends with this entry. Each costs a fixed part too, so that a flood of empty messages is bounded as well.
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
    /// The item, fit to stand in a script of a page.
    var script: ByteBuffer { encoding { $0.script(self) } }

    private func encoding(_ make: (inout EntryEncodings) -> ByteBuffer) -> ByteBuffer {
        encodings.withLock { encodings in
            let all = encodings ?? Encodings()
            encodings = all
            return make(&all.all)
        }
    }
}

/// What is to be added to a room's log.
struct RoomPost: Sendable {
    var message: Message
    /// Who alone get it, by the bytes of their names; nil for everybody.
    var audience: [[UInt8]]?
    /// What it is about: a newer one of the same takes its place where the room says so.
    var subject: [UInt8]?
    /// Who came or went, where it is that and no message.
    var change: RoomChange?
    /// Whether it stands for entries that may be lost, and carries nothing.
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
