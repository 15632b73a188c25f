import CarafeWebSocketCodec
import NIOCore

/// Presence: all subscribers of a room's route get the names of its members, and then each change.
///
/// A member is a name. It is present while it has a socket or a stream, and for `grace` after that or after a poll.
/// This is for rooms of up to a few hundred members: a new subscriber gets all names, and each change is a message to
/// all.
public struct PresenceOptions: Sendable, Equatable {
    /// The time for which a member stays present after its last connection has ended. If it returns within this time,
    /// there is no change.
    public var grace: Duration

    /// Creates options with a grace of 10 seconds, or another.
    public init(grace: Duration = .seconds(10)) {
        self.grace = grace
    }
}

/// A change of presence.
public enum RoomChange: Sendable, Hashable {
    /// A name has joined the room.
    case joined(String)
    /// A name has left the room.
    case left(String)

    /// The change as an entry of the log.
    var post: RoomPost {
        let (verb, name) =
            switch self {
            case .joined(let name): ("joined", name)
            case .left(let name): ("left", name)
            }
        var bytes = ByteBuffer(string: "{\"\(verb)\":")
        bytes.writeImmutableBuffer(EntryEncodings.string(name))
        bytes.writeString("}")
        return RoomPost(.json(bytes), change: self)
    }
}

extension Roster {
    /// The names as JSON.
    var list: ByteBuffer {
        var bytes = ByteBuffer(string: "[")
        for (index, name) in names.enumerated() {
            if index > 0 { bytes.writeString(",") }
            bytes.writeImmutableBuffer(EntryEncodings.string(name))
        }
        bytes.writeString("]")
        return bytes
    }
}
