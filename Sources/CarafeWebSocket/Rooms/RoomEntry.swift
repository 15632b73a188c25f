import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// One message in a room's log.
final class RoomEntry: Sendable {
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
    /// Who alone gets it, by the bytes of the name; nil for everybody.
    let audience: [UInt8]?
    /// When it was published.
    let time: NIODeadline
    /// What all entries before this one cost, in bytes.
    let start: UInt64
    private let log: Log
    private let forms = Mutex<Forms?>(nil)

    /// Apart, so that a message that nobody asks for in another form costs no place for them.
    private final class Forms {
        var all = RoomForms()
    }

    init(offset: UInt64, message: Message, audience: [UInt8]?, time: NIODeadline, after start: UInt64, log: Log) {
        self.offset = offset
        // The bytes of the frame and not those that came, which may hold on to a whole read.
        let frame = FrameEncoder.encode(.message(message))
        let length = message.bytes.readableBytes
        let bytes = frame.getSlice(at: frame.writerIndex - length, length: length) ?? ByteBuffer()
        self.message = Message(kind: message.kind, uncheckedBytes: bytes)
        self.frame = frame
        self.audience = audience
        self.time = time
        self.log = log
        self.start = start
    }

    /// What all entries up to and with this one cost: each a fixed part too, so that a flood of empty messages is bounded
    /// as well.
    var end: UInt64 { start + UInt64(message.bytes.readableBytes) + 64 }

    func isFor(_ name: [UInt8]?) -> Bool { audience == nil || audience == name }

    var position: RoomPosition { RoomPosition(offset: offset, epoch: log.epoch) }

    // MARK: On the wire

    var item: ByteBuffer { form { $0.item(position, message, isJSON: log.isJSON) } }
    var itemFrame: ByteBuffer { form { $0.frame(position, message, isJSON: log.isJSON) } }
    var event: ByteBuffer { form { $0.event(position, message, isJSON: log.isJSON) } }
    /// The item, fit to stand in a script of a page.
    var script: ByteBuffer { form { $0.script(position, message, isJSON: log.isJSON) } }

    private func form(_ make: (inout RoomForms) -> ByteBuffer) -> ByteBuffer {
        forms.withLock { forms in
            let all = forms ?? Forms()
            forms = all
            return make(&all.all)
        }
    }
}
