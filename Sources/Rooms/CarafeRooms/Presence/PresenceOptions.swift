import CarafeWebSocketCodec
public import NIOCore

/// Who is in a room is told to all who read it by its route: first the list, then who comes and who goes.
///
/// A person is a name, and here while any way of reading is open under it, or a poll was answered within `grace`. It is
/// for rooms of some hundreds: who comes gets all names, and each that comes or goes is a message to all.
public struct PresenceOptions: Sendable, Equatable {
    /// How long one counts as here after the last connection has ended: who comes back within it has never been away.
    public var grace: TimeAmount

    /// 10 seconds, unless you say otherwise.
    public init(grace: TimeAmount = .seconds(10)) {
        self.grace = grace
    }
}

/// Somebody came or went.
public enum RoomChange: Sendable, Hashable {
    case joined(String)
    case left(String)

    /// As the entry of a log.
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
