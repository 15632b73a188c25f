import CarafeWebSocketCodec
import NIOCore

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
