import CarafeWebSocketCodec
import NIOCore

/// The presence of members, for the subscribers of a room's route: first the list of names, then each change.
///
/// A member is a name. It is present while a socket or stream is open under it, or until `grace` after a poll. Presence
/// is intended for up to a few hundred members: each newcomer receives every name, and everybody receives every change.
public struct PresenceOptions: Sendable, Equatable {
    /// The time after its last connection for which a member is still present; a return within it is not a change.
    public var grace: Duration

    /// Creates options with a grace of 10 seconds by default.
    public init(grace: Duration = .seconds(10)) {
        self.grace = grace
    }
}

/// A change of a room's members.
public enum RoomChange: Sendable, Hashable {
    /// A member of this name has joined.
    case joined(String)
    /// The member of this name has left.
    case left(String)

    /// The change as an item of JSON, without its position.
    var json: ByteBuffer {
        let (verb, name) =
            switch self {
            case .joined(let name): ("joined", name)
            case .left(let name): ("left", name)
            }
        var bytes = ByteBuffer(string: "{\"\(verb)\":")
        bytes.writeImmutableBuffer(EntryEncodings.string(name))
        bytes.writeString("}")
        return bytes
    }
}
