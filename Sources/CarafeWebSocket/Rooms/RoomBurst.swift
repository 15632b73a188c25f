import CarafeWebSocketCodec
import NIOCore

/// What a room sends on one event loop in one turn, in its order.
struct RoomBurst {
    /// A run of messages for the same members.
    enum Run {
        /// For all: encoded one after the other, and as messages too where some members want them compressed.
        case all(frames: ByteBuffer, messages: [Message])
        case one(Membership, Message)
    }

    private(set) var runs: [Run] = []

    var isEmpty: Bool { runs.isEmpty }

    mutating func append(_ message: Message, frame: ByteBuffer, compresses: Bool) {
        guard case .all(var frames, var messages)? = runs.last else {
            runs.append(.all(frames: frame, messages: compresses ? [message] : []))
            return
        }
        // Out of the list, so that the frames have one owner and grow in place.
        runs.removeLast()
        frames.writeImmutableBuffer(frame)
        if compresses { messages.append(message) }
        runs.append(.all(frames: frames, messages: messages))
    }

    mutating func append(_ message: Message, to member: Membership) {
        runs.append(.one(member, message))
    }
}
