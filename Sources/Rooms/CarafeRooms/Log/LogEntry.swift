import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// One message in a room's log.
final class LogEntry: Sendable {
    /// The offset in the log of this process, from 1.
    let offset: UInt64
    /// The segment of the log, which makes a position of the offset.
    let segment: LogSegment
    let message: Message
    /// The message as a WebSocket frame, encoded once for all.
    let frame: ByteBuffer
    /// The only members that get the entry, by the bytes of their names; nil for everybody.
    let audience: [[UInt8]]?
    /// The subject, of which `SlowMembers.latest` keeps the newest entry only.
    let subject: [UInt8]?
    let kind: EntryKind
    /// The time of publication.
    let time: NIODeadline
    /// The size of all entries before this one, in bytes.
    let start: UInt64
    /// The number of messages before this one.
    let messagesBefore: UInt64
    private let encodings = Mutex<Encodings?>(nil)

    /// A class: an entry that needs no other encoding than its frame has no space for them.
    private final class Encodings {
        var all = EntryEncodings()
    }

    init(_ post: RoomPost, after last: LogEntry.End, at time: NIODeadline, in segment: LogSegment) {
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
        kind = post.kind
        self.time = time
        self.segment = segment
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
            messages: messagesBefore + (kind == .message ? 1 : 0))
    }

    func isFor(_ name: [UInt8]?) -> Bool {
        guard let audience else { return true }
        return name.map(audience.contains) ?? false
    }

    /// Whether the entry is a change of presence.
    var isChange: Bool { if case .change = kind { true } else { false } }

    var position: RoomPosition { segment.position(of: offset) }

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
